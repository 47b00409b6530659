"""Say how an activity recruits."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rhythm", sa.String(length=8), server_default="", nullable=False))
        batch_op.add_column(sa.Column("recruits", sa.String(length=8), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("recruits")
        batch_op.drop_column("rhythm")
