"""Keep when an activity was called off."""

import sqlalchemy as sa
from alembic import op

from app.database import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ACTIVITIES = sa.table("activities", sa.column("id"), sa.column("state"), sa.column("cancelled_at", UtcDateTime()))
WRITTEN = sa.table("audit_entries", sa.column("action"), sa.column("topic"), sa.column("at", UtcDateTime()))


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cancelled_at", UtcDateTime(), nullable=True))
    # It was written down of each one who called it off and when.
    presses = sa.select(WRITTEN.c.topic, sa.func.min(WRITTEN.c.at)).where(WRITTEN.c.action == "activity.cancelled")
    for topic, moment in op.get_bind().execute(presses.group_by(WRITTEN.c.topic)).all():
        called_off = (ACTIVITIES.c.id == int(topic.partition(":")[2]), ACTIVITIES.c.state == "cancelled")
        op.execute(sa.update(ACTIVITIES).where(*called_off).values(cancelled_at=moment))


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("cancelled_at")
