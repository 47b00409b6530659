"""name shifts, give them a place of their own, and let them be taken away."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shifts") as table:
        table.add_column(sa.Column("uid", sa.String(32), nullable=True))
        table.add_column(sa.Column("place", sa.String(100), nullable=False, server_default=""))
        table.add_column(sa.Column("removed_at", UtcDateTime(), nullable=True))
    shifts = sa.table("shifts", sa.column("id", sa.BigInteger), sa.column("uid", sa.String))
    # The names of those that are there need not be hard to guess: they open nothing.
    op.execute(shifts.update().values(uid=sa.literal("shift-") + sa.cast(shifts.c.id, sa.String(20))))
    with op.batch_alter_table("shifts") as table:
        table.alter_column("uid", existing_type=sa.String(32), nullable=False)
        table.alter_column("place", existing_type=sa.String(100), existing_nullable=False, server_default=None)
        table.create_unique_constraint(op.f("uq_shifts_uid"), ["uid"])


def downgrade() -> None:
    with op.batch_alter_table("shifts") as table:
        table.drop_constraint(op.f("uq_shifts_uid"), type_="unique")
        table.drop_column("removed_at")
        table.drop_column("place")
        table.drop_column("uid")
