"""Find what stands inside names and titles by an index, and let the lists of activities have one in their order."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.database import BigId

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WHEN = ["starts_at", "id", "signup_end_at", "signup_start_at"]
ORDERS = {
    "ix_activities_by_start": WHEN,
    "ix_activities_by_province": ["province", *WHEN],
    "ix_activities_by_city": ["city", *WHEN],
    "ix_activities_by_region": ["region", *WHEN],
    "ix_activities_by_scope_category": ["scope_category", *WHEN],
    "ix_activities_ends_at_id_starts_at": ["ends_at", "id", "starts_at"],
}
BY_STATE = {
    "ix_activities_state_starts_at_id": ["state", "starts_at", "id"],
    "ix_activities_state_province_starts_at_id": ["state", "province", "starts_at", "id"],
    "ix_activities_state_city_starts_at_id": ["state", "city", "starts_at", "id"],
    "ix_activities_state_region_starts_at_id": ["state", "region", "starts_at", "id"],
}
OF_MEMBERS = {
    "ix_memberships_organization_id_state_id": ["organization_id", "state", "id"],
    "ix_memberships_initial_organization_path_id": ["initial", "organization_path", "id"],
}
MYSQL = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}
TAIL = sa.String(50).with_variant(sa.String(50, collation="C"), "postgresql")
BATCH = 5000


def upgrade() -> None:
    _change(ORDERS, BY_STATE)
    op.add_column("memberships", sa.Column("initial", sa.String(1), server_default="", nullable=False))
    _make_tables()
    _fill()
    # After the rows: made at once an index takes a fraction of the time.
    op.create_index("ix_activity_title_tails_tail_activity_id", "activity_title_tails", ["tail", "activity_id"])
    found = ["organization_id", "tail", "membership_id"]
    op.create_index("ix_member_name_tails_organization_id_tail_membership_id", "member_name_tails", found)
    op.create_index("ix_member_name_tails_volunteer_id", "member_name_tails", ["volunteer_id"])
    for name, columns in OF_MEMBERS.items():
        op.create_index(name, "memberships", columns)


def downgrade() -> None:
    op.drop_table("member_name_tails")
    op.drop_table("activity_title_tails")
    for name in OF_MEMBERS:
        op.drop_index(name, "memberships")
    with op.batch_alter_table("memberships") as table:
        table.drop_column("initial")
    _change(BY_STATE, ORDERS)


def _change(made: dict[str, list[str]], dropped: dict[str, list[str]]) -> None:
    for name, columns in made.items():
        op.create_index(name, "activities", columns)
    for name in dropped:
        op.drop_index(name, "activities")


def _make_tables() -> None:
    key, position = sa.Column("activity_id", BigId, nullable=False), sa.Column("position", sa.Integer, nullable=False)
    op.create_table(
        "activity_title_tails",
        key,
        position,
        sa.Column("tail", TAIL, nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activities.id"],
            name=op.f("fk_activity_title_tails_activity_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("activity_id", "position", name=op.f("pk_activity_title_tails")),
        **MYSQL,
    )
    ids = [sa.Column(name, BigId, nullable=False) for name in ("membership_id", "organization_id", "volunteer_id")]
    op.create_table(
        "member_name_tails",
        ids[0],
        sa.Column("position", sa.Integer, nullable=False),
        *ids[1:],
        sa.Column("tail", TAIL, nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["memberships.id"],
            name=op.f("fk_member_name_tails_membership_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_member_name_tails_organization_id")
        ),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_member_name_tails_volunteer_id")),
        sa.PrimaryKeyConstraint("membership_id", "position", name=op.f("pk_member_name_tails")),
        **MYSQL,
    )


def _fill() -> None:
    activities = sa.table("activities", sa.column("id"), sa.column("title"))
    titles = sa.select(activities.c.id.label("activity_id"), activities.c.title.label("text"))
    _tails("activity_title_tails", titles, activities.c.id)
    columns = ("id", "organization_id", "volunteer_id", "state", "initial")
    memberships = sa.table("memberships", *map(sa.column, columns))
    volunteers = sa.table("volunteers", sa.column("id"), sa.column("name"))
    names = (
        sa.select(
            memberships.c.id.label("membership_id"),
            memberships.c.organization_id,
            memberships.c.volunteer_id,
            volunteers.c.name.label("text"),
        )
        .join_from(memberships, volunteers, volunteers.c.id == memberships.c.volunteer_id)
        .where(memberships.c.state == "active")
    )
    _tails("member_name_tails", names, memberships.c.id)
    first = sa.select(sa.func.lower(sa.func.substr(volunteers.c.name, 1, 1)))
    first = first.where(volunteers.c.id == memberships.c.volunteer_id)
    op.execute(memberships.update().where(memberships.c.state == "active").values(initial=first.scalar_subquery()))


def _tails(table: str, texts: sa.Select[Any], key: sa.ColumnClause[Any]) -> None:
    connection = op.get_bind()
    last = connection.scalar(sa.select(sa.func.max(key))) or 0
    for start in range(0, last + 1, BATCH):
        batch = connection.execute(texts.where(key.between(start, start + BATCH - 1))).mappings()
        rows = [row for text in batch for row in _rows(dict(text))]
        if rows:
            connection.execute(sa.table(table, *map(sa.column, rows[0])).insert(), rows)


def _rows(text: dict[str, Any]) -> Iterator[dict[str, Any]]:
    whole = text.pop("text").lower()[:50]
    for position in range(len(whole)):
        yield {**text, "position": position, "tail": whole[position:]}
