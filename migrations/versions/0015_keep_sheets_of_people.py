"""Keep sheets of people."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_batches",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("account_id", BigId, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("refusal", sa.String(length=200), nullable=False),
        sa.Column("fresh_count", sa.Integer(), nullable=False),
        sa.Column("merged_count", sa.Integer(), nullable=False),
        sa.Column("double_count", sa.Integer(), nullable=False),
        sa.Column("bad_count", sa.Integer(), nullable=False),
        sa.Column("invited_count", sa.Integer(), nullable=False),
        sa.Column("joined_count", sa.Integer(), nullable=False),
        sa.Column("left_out_count", sa.Integer(), nullable=False),
        sa.Column("undone_count", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_import_batches_account_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_import_batches_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
        sa.UniqueConstraint("uid", name=op.f("uq_import_batches_uid")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("import_batches", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_batches_organization_id_id"), ["organization_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_import_batches_state"), ["state"], unique=False)

    op.create_table(
        "import_rows",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("batch_id", BigId, nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("content_sealed", sa.Text(), nullable=True),
        sa.Column("phone_index", sa.String(length=32), nullable=True),
        sa.Column("id_type", sa.String(length=2), nullable=False),
        sa.Column("id_number_index", sa.String(length=32), nullable=True),
        sa.Column("account_id", BigId, nullable=True),
        sa.Column("membership_id", BigId, nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_import_rows_account_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_import_rows_batch_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["memberships.id"], name=op.f("fk_import_rows_membership_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_import_rows_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_import_rows_batch_id_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_import_rows_uid")),
        info={"person": "account_id", "erase": "delete"},
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("import_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_rows_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_rows_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_rows_id_number_index"), ["id_number_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_rows_phone_index"), ["phone_index"], unique=False)


def downgrade() -> None:
    op.drop_table("import_rows")
    op.drop_table("import_batches")
