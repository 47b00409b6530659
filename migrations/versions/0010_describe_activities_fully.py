"""describe activities fully: kinds, mode, recruiting, risk and insurance, drafts and templates."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: Columns that every row has a value of: what those that are there get.
TEXTS = {
    "co_organizers": (200, ""),
    "campaign": (20, ""),
    "mode": (8, "offline"),
    "venue_name": (100, ""),
    "recruit_scope": (8, "open"),
    "password_hash": (200, ""),
    "risk_level": (8, "none"),
    "insurer": (100, ""),
    "insurance_policy_no": (64, ""),
}
LISTS = ("topics", "forms", "purposes", "places")
FLAGS = ("is_major", "is_template")


def upgrade() -> None:
    op.create_table(
        "activity_audiences",
        sa.Column("id", BigId, nullable=False),
        sa.Column("activity_id", BigId, nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("with_below", sa.Boolean(), nullable=False),
        sa.Column("team_id", BigId, nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_activity_audiences_activity_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_activity_audiences_organization_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_activity_audiences_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_audiences")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("activity_audiences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_audiences_activity_id"), ["activity_id"])
        batch_op.create_index(batch_op.f("ix_activity_audiences_organization_id"), ["organization_id"])
    with op.batch_alter_table("activities") as table:
        for name, (length, _) in TEXTS.items():
            table.add_column(sa.Column(name, sa.String(length), nullable=True))
        for name in LISTS:
            table.add_column(sa.Column(name, sa.JSON(), nullable=True))
        for name in FLAGS:
            table.add_column(sa.Column(name, sa.Boolean(), nullable=True))
        table.add_column(sa.Column("agreement", sa.Text(), nullable=True))
        for name in ("insured_from", "insured_to"):
            table.add_column(sa.Column(name, sa.Date(), nullable=True))
        table.add_column(sa.Column("draft_sealed", sa.Text(), nullable=True))
        table.add_column(sa.Column("team_id", BigId, nullable=True))
        table.create_foreign_key(op.f("fk_activities_team_id"), "teams", ["team_id"], ["id"])
    columns = [sa.column("risk_text", sa.String), *(sa.column(name, sa.String) for name in (*TEXTS, "agreement"))]
    columns += [*(sa.column(name, sa.JSON) for name in LISTS), *(sa.column(name, sa.Boolean) for name in FLAGS)]
    activities = sa.table("activities", *columns)
    values = {name: value for name, (_, value) in TEXTS.items()} | {name: [] for name in LISTS}
    op.execute(activities.update().values(**values, **dict.fromkeys(FLAGS, False), agreement=""))
    op.execute(activities.update().where(activities.c.risk_text != "").values(risk_level="general"))
    with op.batch_alter_table("activities") as table:
        for name, (length, _) in TEXTS.items():
            table.alter_column(name, existing_type=sa.String(length), nullable=False)
        for name in LISTS:
            table.alter_column(name, existing_type=sa.JSON(), nullable=False)
        for name in FLAGS:
            table.alter_column(name, existing_type=sa.Boolean(), nullable=False)
        table.alter_column("agreement", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("activities") as table:
        table.drop_constraint(op.f("fk_activities_team_id"), type_="foreignkey")
        table.drop_column("team_id")
        for name in (*TEXTS, *LISTS, *FLAGS, "agreement", "insured_from", "insured_to", "draft_sealed"):
            table.drop_column(name)
    op.drop_table("activity_audiences")
