"""Count tries, and keep the passwords by which one joins an organisation."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tries",
        sa.Column("id", BigId, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("who_index", sa.String(length=32), nullable=False),
        sa.Column("address_index", sa.String(length=32), nullable=False),
        sa.Column("subject_index", sa.String(length=32), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tries")),
        sa.UniqueConstraint("what", "who_index", "subject_index", name=op.f("uq_tries_what_who_index_subject_index")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("tries") as batch:
        batch.create_index(op.f("ix_tries_what_address_index"), ["what", "address_index"])
        batch.create_index(op.f("ix_tries_tried_at"), ["tried_at"])
    with op.batch_alter_table("organizations") as batch:
        batch.add_column(sa.Column("join_password_hash", sa.String(length=255), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("organizations") as batch:
        batch.drop_column("join_password_hash")
    op.drop_table("tries")
