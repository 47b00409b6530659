"""What each role of an organisation may do: the one table. Power covers the organisation and those below it."""

from dataclasses import dataclass

from app.organizations.models import Role

VIEW = "organization.view"
EDIT = "organization.edit"
REVIEW_BELOW = "organization.review_below"
PUBLISH = "activities.publish"
VIEW_ACTIVITIES = "activities.view"
VIEW_ROSTER = "activities.view_roster"
JUDGE_SIGN_UPS = "activities.judge_sign_ups"
CONTACT = "activities.contact"
EXPORT_ROSTER = "activities.export_roster"
VIEW_TEAMS = "teams.view"
MANAGE_TEAMS = "teams.manage"

NOBODY: frozenset[Role] = frozenset()
OWNER = frozenset({Role.OWNER})
ADMINS = OWNER | {Role.ADMIN}
LEADS = ADMINS | {Role.LEAD}
ALL = LEADS | {Role.HELPER}


@dataclass(frozen=True)
class Holders:
    """Whose permission it is: of which roles in their own organisation, and of which in one under it.

    Power over an organisation below is to see and to judge, never to act in its name.
    """

    own: frozenset[Role]
    below: frozenset[Role] = NOBODY


PERMISSIONS: dict[str, Holders] = {
    VIEW: Holders(own=ALL, below=ALL),
    EDIT: Holders(own=ADMINS),
    REVIEW_BELOW: Holders(own=ADMINS, below=ADMINS),
    PUBLISH: Holders(own=LEADS),
    VIEW_ACTIVITIES: Holders(own=ALL, below=ALL),
    VIEW_ROSTER: Holders(own=ALL),
    JUDGE_SIGN_UPS: Holders(own=LEADS),
    CONTACT: Holders(own=LEADS),
    EXPORT_ROSTER: Holders(own=ADMINS),
    VIEW_TEAMS: Holders(own=LEADS),
    MANAGE_TEAMS: Holders(own=ADMINS),
}


def may(role: str, permission: str, *, below: bool = False) -> bool:
    """Whether the role may do it, in its own organisation or (`below`) in one under it."""
    holders = PERMISSIONS[permission]
    return role in (holders.below if below else holders.own)
