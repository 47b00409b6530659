"""let one document be one person, whatever type of paper it was called."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BY_TYPE, BY_NUMBER = "uq_volunteers_id_type_id_number_index", "uq_volunteers_id_number_index"


def upgrade() -> None:
    _leave_it_to_the_first()
    with op.batch_alter_table("volunteers") as table:
        table.drop_constraint(op.f(BY_TYPE), type_="unique")
        table.create_unique_constraint(op.f(BY_NUMBER), ["id_number_index"])


def downgrade() -> None:
    with op.batch_alter_table("volunteers") as table:
        table.drop_constraint(op.f(BY_NUMBER), type_="unique")
        table.create_unique_constraint(op.f(BY_TYPE), ["id_type", "id_number_index"])


def _leave_it_to_the_first() -> None:
    """Of several accounts with one number the oldest is found by it; the others keep the number, not the index.

    Nobody's data goes, and nobody else can register with the number. An operator finds them: a number, but no index.
    """
    volunteers = sa.table("volunteers", sa.column("id", sa.BigInteger), sa.column("id_number_index", sa.String))
    index = volunteers.c.id_number_index
    several = sa.select(index, sa.func.min(volunteers.c.id).label("first")).where(index.is_not(None)).group_by(index)
    connection = op.get_bind()
    for number, first in connection.execute(several.having(sa.func.count() > 1)).all():
        later = volunteers.update().where(index == number, volunteers.c.id != first)
        connection.execute(later.values(id_number_index=None))
