"""Keep who handed an activity in for review, and the quota that was let pass."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handed_in_by_id", BigId, nullable=True))
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quota_reviewed", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.drop_column("quota_reviewed")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("handed_in_by_id")
