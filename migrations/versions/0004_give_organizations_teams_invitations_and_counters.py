"""Give organisations sub-teams, invitations, counters of members and a successor."""

import sqlalchemy as sa
from alembic import op

from app.database import BigId, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_index", sa.String(length=32), nullable=True),
        sa.Column("masked_phone", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("invited_by_id", BigId, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["invited_by_id"], ["accounts.id"], name=op.f("fk_invitations_invited_by_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_invitations_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sa.UniqueConstraint("uid", name=op.f("uq_invitations_uid")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitations_organization_id_state"), ["organization_id", "state"])
        batch_op.create_index(batch_op.f("ix_invitations_phone_index"), ["phone_index"])

    op.create_table(
        "teams",
        sa.Column("id", BigId, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("organization_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("intro", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_teams_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_teams_organization_id_name")),
        sa.UniqueConstraint("uid", name=op.f("uq_teams_uid")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", BigId, nullable=False),
        sa.Column("volunteer_id", BigId, nullable=False),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id")),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteers.id"], name=op.f("fk_team_members_volunteer_id")),
        sa.PrimaryKeyConstraint("team_id", "volunteer_id", name=op.f("pk_team_members")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    with op.batch_alter_table("team_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_members_volunteer_id"), ["volunteer_id"])

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came_from_id", BigId, nullable=True))

    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state_changed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", BigId, nullable=True))
        batch_op.add_column(sa.Column("members_count", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("subtree_members_count", sa.Integer(), nullable=False, server_default="0"))

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proved_at", UtcDateTime(), nullable=True))

    count_members()


def count_members() -> None:
    """Count the members there are; from now on the counters are kept."""
    names = ("id", "path", "members_count", "subtree_members_count")
    organizations = sa.table("organizations", *(sa.column(name) for name in names))
    memberships = sa.table("memberships", sa.column("organization_id"), sa.column("organization_path", sa.String()))
    own = sa.select(sa.func.count()).select_from(memberships)
    own = own.where(memberships.c.organization_id == organizations.c.id, sa.text("memberships.state = 'active'"))
    below = sa.select(sa.func.count()).select_from(memberships)
    below = below.where(
        memberships.c.organization_path.startswith(organizations.c.path), sa.text("memberships.state = 'active'")
    )
    counts = {"members_count": own.scalar_subquery(), "subtree_members_count": below.scalar_subquery()}
    op.execute(sa.update(organizations).values(counts))


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("proved_at")

    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.drop_column("subtree_members_count")
        batch_op.drop_column("members_count")
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("state_changed_at")

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_column("came_from_id")

    op.drop_table("team_members")
    op.drop_table("teams")
    op.drop_table("invitations")
