"""keep files that people send."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("organization_id", BigId, nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_files_account_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_files_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("uid", name=op.f("uq_files_uid")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_files_kind_owner_id_position"), ["kind", "owner_id", "position"])
        batch_op.create_index(batch_op.f("ix_files_owner_id_created_at"), ["owner_id", "created_at"])
    with op.batch_alter_table("activities") as table:
        table.add_column(sa.Column("cover", sa.String(length=32), nullable=False, server_default=""))
    with op.batch_alter_table("activities") as table:
        table.alter_column("cover", existing_type=sa.String(32), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("activities") as table:
        table.drop_column("cover")
    op.drop_table("files")
