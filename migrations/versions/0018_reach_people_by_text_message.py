"""Reach people by text message, also those who have no account yet."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notices") as batch:
        batch.alter_column("account_id", existing_type=BigId, nullable=True)
        batch.add_column(sa.Column("phone_sealed", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("phone_index", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("text_until", UtcDateTime(), nullable=True))
        batch.create_index(op.f("ix_notices_phone_index"), ["phone_index"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM notices WHERE account_id IS NULL")
    with op.batch_alter_table("notices") as batch:
        batch.drop_index(op.f("ix_notices_phone_index"))
        batch.drop_column("text_until")
        batch.drop_column("phone_index")
        batch.drop_column("phone_sealed")
        batch.alter_column("account_id", existing_type=BigId, nullable=False)
