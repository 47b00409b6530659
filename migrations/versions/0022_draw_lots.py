"""Draw lots for the places of an activity."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("draw_seed", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("drawn_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("drawn_places", sa.Integer(), nullable=True))
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("draw_order", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("draw_ticket", sa.String(length=32), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.drop_column("draw_ticket")
        batch_op.drop_column("draw_order")
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        for name in ("drawn_places", "drawn_at", "draw_seed", "entered"):
            batch_op.drop_column(name)
