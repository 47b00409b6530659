"""Keep papers and logos of organisations."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_sealed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("kept_until", UtcDateTime(), nullable=True))
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("logo", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_column("logo")
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_column("kept_until")
        batch_op.drop_column("is_sealed")
