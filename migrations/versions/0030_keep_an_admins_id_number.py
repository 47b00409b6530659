"""Keep an admin's ID number."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organization_admins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("uid", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("id_number_sealed", sa.String(length=255), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organization_admins", schema=None) as batch_op:
        batch_op.drop_column("id_number_sealed")
        batch_op.drop_column("uid")
