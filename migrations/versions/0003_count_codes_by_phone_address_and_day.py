"""Count codes by phone, address and day."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "phone_code_counts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key_index", sa.String(length=32), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone_code_counts")),
        sa.UniqueConstraint("scope", "day", "key_index", name=op.f("uq_phone_code_counts_scope_day_key_index")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )


def downgrade() -> None:
    op.drop_table("phone_code_counts")
