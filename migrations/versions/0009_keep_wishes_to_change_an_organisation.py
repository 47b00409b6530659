"""Keep wishes to change what the organisation above has a say in."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organization_changes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("open_for", BigId, nullable=True),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("values_sealed", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("judged_by_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_organization_changes_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_organization_changes_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_changes")),
        sa.UniqueConstraint("open_for", name=op.f("uq_organization_changes_open_for")),
        sa.UniqueConstraint("uid", name=op.f("uq_organization_changes_uid")),
        info={"person": "account_id"},
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(
        op.f("ix_organization_changes_organization_id"), "organization_changes", ["organization_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("organization_changes")
