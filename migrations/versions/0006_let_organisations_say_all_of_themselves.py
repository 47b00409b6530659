"""Let organisations say all of themselves, and find names that are nearly the same."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

#: As app/organizations/names.py had it.
ENDING = re.compile(
    "((科技|科普)?志愿(者|服务)*)?(总队|支队|大队|中队|分队|小队|服务队|服务团|队伍|团队|协会|联合会|队|团)$|(科技|科普)?志愿(者|服务)+$"
)
TEXTS = {
    "name_key": 100,
    "short_name": 30,
    "uscc": 18,
    "registration_authority": 50,
    "registration_no": 50,
    "backing_unit": 100,
    "backing_name": 50,
    "city": 6,
    "province": 6,
    "contact_name": 50,
}
LISTS = ("skills", "can_offer", "needs")
FLAGS = ("is_social_organization", "is_phone_public", "is_legacy")
INDEXES = ("backing_phone_index", "contact_phone_index")
SEALED = ("backing_phone_sealed", "leader_id_number_sealed", "contact_phone_sealed")


def upgrade() -> None:
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_name", sa.String(length=100), nullable=True))
        for name, length in TEXTS.items():
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("org_class", sa.String(length=1), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("unit_type", sa.String(length=2), nullable=False, server_default="99"))
        for name in FLAGS:
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in SEALED:
            batch_op.add_column(sa.Column(name, sa.String(length=255), nullable=True))
        for name in INDEXES:
            batch_op.add_column(sa.Column(name, sa.String(length=32), nullable=True))
        for name in LISTS:
            batch_op.add_column(sa.Column(name, sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("planned_size", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("submitted_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    _fill()
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        for name in LISTS:
            # MySQL gives no JSON column a default.
            batch_op.alter_column(name, existing_type=sa.JSON(), nullable=False)
        batch_op.drop_constraint(batch_op.f("uq_organizations_name"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_organizations_held_name"), ["held_name"])
        for name in ("name_key", *INDEXES):
            batch_op.create_index(batch_op.f(f"ix_organizations_{name}"), [name], unique=False)
        batch_op.create_index(batch_op.f("ix_organizations_state_city_id"), ["state", "city", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organizations_state_province_id"), ["state", "province", "id"], unique=False
        )


def _fill() -> None:
    rows = sa.table(
        "organizations",
        *(sa.column(name) for name in ("id", "name", "held_name", "name_key", "region", "city", "province")),
        *(sa.column(name) for name in ("submitted_at", "created_at")),
        *(sa.column(name) for name in LISTS),
    )
    bind = op.get_bind()
    everywhere = {name: sa.text("'[]'") for name in LISTS}
    bind.execute(rows.update().values(held_name=rows.c.name, submitted_at=rows.c.created_at, **everywhere))
    for row_id, name, region in bind.execute(sa.select(rows.c.id, rows.c.name, rows.c.region)).all():
        values = {"name_key": _folded(name), "city": region[:4] + "00", "province": region[:2] + "0000"}
        bind.execute(rows.update().where(rows.c.id == row_id).values(values))


def _folded(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    text = "".join(character for character in text if character.isalnum())
    short = text
    while found := ENDING.search(short):
        short = short[: found.start()]
    return (short if len(short) >= 2 else text)[:100]


def downgrade() -> None:
    # Names were taken by those that were refused as well.
    rows = sa.table("organizations", *(sa.column(name) for name in ("id", "name", "held_name")))
    numbered = rows.c.name + " " + sa.cast(rows.c.id, sa.String(20))
    op.execute(rows.update().where(rows.c.held_name.is_(None)).values(name=numbered))
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_organizations_state_province_id"))
        batch_op.drop_index(batch_op.f("ix_organizations_state_city_id"))
        for name in ("name_key", *INDEXES):
            batch_op.drop_index(batch_op.f(f"ix_organizations_{name}"))
        batch_op.drop_constraint(batch_op.f("uq_organizations_held_name"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_organizations_name"), ["name"])
        for name in (
            "revision",
            "submitted_at",
            "planned_size",
            *LISTS,
            *INDEXES,
            *SEALED,
            *FLAGS,
            "unit_type",
            "org_class",
        ):
            batch_op.drop_column(name)
        for name in ("held_name", *TEXTS):
            batch_op.drop_column(name)
