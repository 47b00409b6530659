"""Room for the draft of an activity with the longest texts: MySQL's TEXT ends at 64 kB."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

LONG = mysql.MEDIUMTEXT()


def upgrade() -> None:
    _change(sa.Text(), LONG)


def downgrade() -> None:
    _change(LONG, sa.Text())


def _change(was: sa.types.TypeEngine[str], becomes: sa.types.TypeEngine[str]) -> None:
    if op.get_bind().dialect.name in ("mysql", "mariadb"):
        op.alter_column("activities", "draft_sealed", existing_type=was, type_=becomes, existing_nullable=True)
