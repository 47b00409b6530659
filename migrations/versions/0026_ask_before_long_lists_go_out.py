"""Keep wishes to take a long list out, and who said yes."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export_requests",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=False),
        sa.Column("activity_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("list_group", sa.String(length=16), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("judged_by_id", BigId, nullable=True),
        sa.Column("judged_at", UtcDateTime(), nullable=True),
        sa.Column("decision", sa.String(length=100), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_export_requests_account_id")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_export_requests_activity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_requests")),
        sa.UniqueConstraint("form_key", name=op.f("uq_export_requests_form_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_export_requests_uid")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_export_requests_account_id_state"), "export_requests", ["account_id", "state"])
    op.create_index(op.f("ix_export_requests_activity_id_state"), "export_requests", ["activity_id", "state"])


def downgrade() -> None:
    op.drop_table("export_requests")
