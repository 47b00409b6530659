"""Remember for which due dates reminders of expected registrations went out."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registration_calls") as batch:
        batch.add_column(sa.Column("soon_told_for", sa.Date(), nullable=True))
        batch.add_column(sa.Column("late_told_for", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("registration_calls") as batch:
        batch.drop_column("late_told_for")
        batch.drop_column("soon_told_for")
