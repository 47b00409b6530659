"""Keep who suspended an organisation, and fold names anew: what a place lies in tells no two of them apart."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId
from app.organizations.names import folded

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("suspended_by_id", BigId, nullable=True))
    organizations = sa.table("organizations", sa.column("id"), sa.column("name"), sa.column("name_key"))
    link = op.get_bind()
    for row in link.execute(sa.select(organizations)).all():
        if row.name_key != folded(row.name):
            same = organizations.c.id == row.id
            link.execute(sa.update(organizations).where(same).values(name_key=folded(row.name)))
    _fold_units(link)


def _fold_units(link: sa.Connection) -> None:
    """Units that are one now stay two where both are expected: a list has each name once."""
    units = sa.table("expected_units", sa.column("id"), sa.column("call_id"), sa.column("name"), sa.column("name_key"))
    rows = link.execute(sa.select(units)).all()
    taken = {(row.call_id, row.name_key) for row in rows}
    for row in rows:
        key = folded(row.name)
        if (row.call_id, key) not in taken:
            taken.add((row.call_id, key))
            link.execute(sa.update(units).where(units.c.id == row.id).values(name_key=key))


def downgrade() -> None:
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_column("suspended_by_id")
