"""Count who of a sheet of people has said yes."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SHEETS = sa.table("import_batches", sa.column("id"), sa.column("confirmed_count"))
ROWS = sa.table("import_rows", sa.column("batch_id"), sa.column("state"))


def upgrade() -> None:
    with op.batch_alter_table("import_batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_count", sa.Integer(), server_default="0", nullable=False))
    said_yes = sa.select(sa.func.count()).where(ROWS.c.batch_id == SHEETS.c.id, ROWS.c.state == "activated")
    op.execute(sa.update(SHEETS).values(confirmed_count=said_yes.scalar_subquery()))


def downgrade() -> None:
    with op.batch_alter_table("import_batches", schema=None) as batch_op:
        batch_op.drop_column("confirmed_count")
