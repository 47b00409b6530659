"""Name what an audit entry is about, and who passes places on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waitlist_mode", sa.String(length=8), nullable=False, server_default="in_turn"))
        batch_op.add_column(sa.Column("state_reason", sa.String(length=200), nullable=False, server_default=""))

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("topic", sa.String(length=40), nullable=False, server_default=""))
        batch_op.create_index(
            batch_op.f("ix_audit_entries_action_actor_id_at"), ["action", "actor_id", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_audit_entries_topic_at"), ["topic", "at"], unique=False)

    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sign_ups_activity_id_signed_up_at"), ["activity_id", "signed_up_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("sign_ups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ups_activity_id_signed_up_at"))

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_topic_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_action_actor_id_at"))
        batch_op.drop_column("topic")

    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("state_reason")
        batch_op.drop_column("waitlist_mode")
