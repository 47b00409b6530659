"""say of activities with a link and no place on a map that they are online."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = (sa.column("mode", sa.String), sa.column("online_url", sa.String), sa.column("lng", sa.Float))
    activities = sa.table("activities", *columns)
    with_link = (activities.c.online_url != "", activities.c.lng.is_(None))
    op.execute(activities.update().where(*with_link).values(mode="online"))


def downgrade() -> None:
    """Nothing: before, nobody read it."""
