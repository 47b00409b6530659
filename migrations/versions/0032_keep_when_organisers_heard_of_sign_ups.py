"""Keep when organisers were told of sign-ups that wait."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pending_told_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("pending_told_at")
