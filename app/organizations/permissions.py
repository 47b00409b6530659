"""What each role of an organisation may do: the one table. Power covers the organisation and those below it."""

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

_HELPER = frozenset({VIEW, VIEW_ACTIVITIES, VIEW_ROSTER})
_LEAD = _HELPER | {PUBLISH, JUDGE_SIGN_UPS, CONTACT}
_ADMIN = _LEAD | {EDIT, REVIEW_BELOW, EXPORT_ROSTER}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: _ADMIN,
    Role.ADMIN: _ADMIN,
    Role.LEAD: _LEAD,
    Role.HELPER: _HELPER,
}

#: What power over an organisation below one's own consists of: seeing and judging, not acting in its name.
BELOW = frozenset({VIEW, VIEW_ACTIVITIES, REVIEW_BELOW})


def may(role: str, permission: str, *, below: bool = False) -> bool:
    """Whether the role may do it, in its own organisation or (`below`) in one under it."""
    return permission in PERMISSIONS[Role(role)] and (not below or permission in BELOW)
