"""Expect units to register below an organisation."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MYSQL = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    op.create_table(
        "registration_calls",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_registration_calls_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_calls")),
        sa.UniqueConstraint("organization_id", name=op.f("uq_registration_calls_organization_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_registration_calls_uid")),
        **MYSQL,
    )
    op.create_table(
        "expected_units",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("call_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("organization_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["registration_calls.id"], name=op.f("fk_expected_units_call_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_expected_units_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected_units")),
        sa.UniqueConstraint("call_id", "name_key", name=op.f("uq_expected_units_call_id_name_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_expected_units_uid")),
        **MYSQL,
    )
    op.create_index(op.f("ix_expected_units_organization_id"), "expected_units", ["organization_id"], unique=False)


def downgrade() -> None:
    op.drop_table("expected_units")
    op.drop_table("registration_calls")
