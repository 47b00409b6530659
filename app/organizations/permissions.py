"""What each role of an organisation may do: the one table. Power covers the organisation and those below it."""

import enum
from dataclasses import dataclass

from app.organizations.models import OrganizationState, Role

VIEW = "organization.view"
EDIT = "organization.edit"
REVIEW_BELOW = "organization.review_below"
PUBLISH = "activities.publish"
CANCEL = "activities.cancel"
VIEW_ACTIVITIES = "activities.view"
VIEW_ROSTER = "activities.view_roster"
JUDGE_SIGN_UPS = "activities.judge_sign_ups"
ENLIST = "activities.enlist"
CONTACT = "activities.contact"
EXPORT_ROSTER = "activities.export_roster"
JUDGE_EXPORTS = "activities.judge_exports"
VIEW_MEMBERS = "members.view"
JUDGE_MEMBERS = "members.judge"
REMOVE_MEMBERS = "members.remove"
REVEAL = "members.reveal"
IMPORT = "members.import"
JUDGE_APPEALS = "appeals.judge"
VIEW_TEAMS = "teams.view"
MANAGE_TEAMS = "teams.manage"
VIEW_ADMINS = "admins.view"
MANAGE_ADMINS = "admins.manage"
HAND_OVER = "organization.hand_over"
PAUSE = "organization.pause"
VIEW_BELOW = "organization.view_below"
VIEW_CONTACTS = "organization.view_contacts"
VIEW_APPLICATION = "organization.view_application"
MOVE_BELOW = "organization.move_below"
MERGE_BELOW = "organization.merge_below"
SUSPEND_BELOW = "organization.suspend_below"
APPOINT_BELOW = "organization.appoint_below"

NOBODY: frozenset[Role] = frozenset()
OWNER = frozenset({Role.OWNER})
ADMINS = OWNER | {Role.ADMIN}
LEADS = ADMINS | {Role.LEAD}
ALL = LEADS | {Role.HELPER}
OTHERS = ALL - ADMINS


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
    CANCEL: Holders(own=LEADS),
    VIEW_ACTIVITIES: Holders(own=ALL, below=ALL),
    VIEW_ROSTER: Holders(own=ALL),
    JUDGE_SIGN_UPS: Holders(own=LEADS),
    # Putting members on a list of the own activity: those of the own organisation, and (below) of those under it.
    ENLIST: Holders(own=LEADS, below=ADMINS),
    CONTACT: Holders(own=LEADS),
    EXPORT_ROSTER: Holders(own=ADMINS),
    JUDGE_EXPORTS: Holders(own=ADMINS, below=ADMINS),
    VIEW_MEMBERS: Holders(own=LEADS, below=LEADS),
    JUDGE_MEMBERS: Holders(own=ADMINS),
    REMOVE_MEMBERS: Holders(own=ADMINS),
    REVEAL: Holders(own=ADMINS),
    IMPORT: Holders(own=ADMINS),
    JUDGE_APPEALS: Holders(own=ADMINS, below=ADMINS),
    VIEW_TEAMS: Holders(own=LEADS),
    MANAGE_TEAMS: Holders(own=ADMINS),
    VIEW_ADMINS: Holders(own=ALL),
    MANAGE_ADMINS: Holders(own=ADMINS),
    HAND_OVER: Holders(own=OWNER),
    PAUSE: Holders(own=OWNER),
    # Facts, figures and the people who answer for it; their telephone numbers only to those who answer themselves.
    VIEW_BELOW: Holders(own=LEADS, below=LEADS),
    VIEW_CONTACTS: Holders(own=ADMINS, below=ADMINS),
    #: The pages of 注册申请表: each look from above is written down.
    VIEW_APPLICATION: Holders(own=ADMINS, below=ADMINS),
    MOVE_BELOW: Holders(own=ADMINS, below=ADMINS),
    MERGE_BELOW: Holders(own=ADMINS, below=ADMINS),
    SUSPEND_BELOW: Holders(own=ADMINS, below=ADMINS),
    APPOINT_BELOW: Holders(own=ADMINS, below=ADMINS),
}


#: What one who may only look keeps, also when their own organisation rests.
LOOKING = frozenset({VIEW, VIEW_BELOW, VIEW_ACTIVITIES})

#: What the people of an organisation that rests may still do: look, leave, and call off what they cannot hold.
#: Who signed up is told of that by the cancellation itself. Judging what lies below is asked of every organisation that
#: the person acts for, when it is loaded.
_RESTING = LOOKING | {VIEW_APPLICATION, VIEW_ROSTER, VIEW_MEMBERS, VIEW_TEAMS, VIEW_ADMINS, CANCEL, REVIEW_BELOW}

#: What is left of the rights above in these states of the own organisation; in all others nothing is taken away.
LEFT_IN_STATE: dict[str, frozenset[str]] = {
    # Asking to go on is answered with why that is not theirs to decide.
    OrganizationState.SUSPENDED: _RESTING | {PAUSE},
    # Who paused by their own wish goes on, or hands the organisation to somebody who will.
    OrganizationState.DEACTIVATED: _RESTING | {PAUSE, HAND_OVER},
    OrganizationState.MERGED: _RESTING,
    # Its page for new data says itself that there is nothing to be mended.
    OrganizationState.REJECTED: _RESTING | {EDIT},
    # Taking it back once more is harmless.
    OrganizationState.WITHDRAWN: _RESTING | {EDIT, PAUSE},
}


class Sight(enum.StrEnum):
    """How a role sees a personal field; what is shown on a reveal is shown for a reason, and that is written down."""

    CLEAR = "clear"
    ON_REVEAL = "on_reveal"
    MASKED = "masked"
    NEVER = "never"


@dataclass(frozen=True)
class Seen:
    """How a volunteer's field is seen by roles of an organisation where the person is a member, and of one above."""

    own: dict[frozenset[Role], Sight]
    below: dict[frozenset[Role], Sight]


#: An ID number is for the organisation of which the person is a member alone (domain facts 9). Who was put on a list
#: by an organiser is seen there as this table says; who signed up by themselves gave name and phone to the organiser.
FIELDS: dict[str, Seen] = {
    "name": Seen(own={ALL: Sight.CLEAR}, below={ALL: Sight.MASKED}),
    "phone": Seen(own={ADMINS: Sight.ON_REVEAL, OTHERS: Sight.MASKED}, below={ALL: Sight.MASKED}),
    "id_number": Seen(own={ADMINS: Sight.ON_REVEAL, OTHERS: Sight.NEVER}, below={ALL: Sight.NEVER}),
    # What one is put on a list by.
    "volunteer_no": Seen(own={ALL: Sight.CLEAR}, below={ADMINS: Sight.CLEAR, OTHERS: Sight.MASKED}),
}


def sight(role: str, field: str, *, below: bool = False) -> Sight:
    """How the role sees the field of a member of its own organisation, or (`below`) of one under it."""
    seen = FIELDS[field].below if below else FIELDS[field].own
    return next(how for roles, how in seen.items() if role in roles)


def may(role: str, permission: str, *, below: bool = False) -> bool:
    """Whether the role may do it, in its own organisation or (`below`) in one under it."""
    holders = PERMISSIONS[permission]
    return role in (holders.below if below else holders.own)


def is_left(state: str, permission: str) -> bool:
    """Whether people may do it while their own organisation is in this state, if their role may."""
    return permission in LEFT_IN_STATE.get(state, PERMISSIONS)


def holders(permission: str) -> frozenset[Role]:
    """The roles that hold it in their own organisation."""
    return PERMISSIONS[permission].own
