"""Ask for a training or a certificate, and let activities exclude one another."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("training_required", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("exclusive_with", sa.JSON(), nullable=True))
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("training_confirmed_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.drop_column("training_confirmed_at")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("exclusive_with")
        batch_op.drop_column("training_required")
