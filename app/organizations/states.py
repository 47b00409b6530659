"""The states of organisations, memberships and sub-teams, where each may go, and as what one acts."""

import enum


class OrganizationState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    #: Sent back with a reason, to be mended and sent again.
    RETURNED = "returned"
    #: Refused for good, with a reason; the name is free again.
    REJECTED = "rejected"
    #: Taken back by its owner before it was accepted; the name is free again.
    WITHDRAWN = "withdrawn"
    #: By an organisation above it, with a reason.
    SUSPENDED = "suspended"
    #: By its own wish.
    DEACTIVATED = "deactivated"
    #: What it had went to another one: see `successor`.
    MERGED = "merged"


NEXT_STATES = {
    OrganizationState.PENDING: {
        OrganizationState.APPROVED,
        OrganizationState.RETURNED,
        OrganizationState.REJECTED,
        OrganizationState.WITHDRAWN,
    },
    OrganizationState.RETURNED: {OrganizationState.PENDING, OrganizationState.WITHDRAWN},
    OrganizationState.REJECTED: set(),
    OrganizationState.WITHDRAWN: set(),
    OrganizationState.APPROVED: {
        OrganizationState.SUSPENDED,
        OrganizationState.DEACTIVATED,
        OrganizationState.MERGED,
    },
    OrganizationState.SUSPENDED: {OrganizationState.APPROVED, OrganizationState.MERGED},
    OrganizationState.DEACTIVATED: {
        OrganizationState.APPROVED,
        OrganizationState.SUSPENDED,
        OrganizationState.MERGED,
    },
    OrganizationState.MERGED: set(),
}


#: Registrations that wait for the organisation above, or for their applicant.
ON_THE_WAY = (OrganizationState.PENDING, OrganizationState.RETURNED)
#: Registrations that came to nothing: they hold no name, need no owner and are nobody's unit.
CAME_TO_NOTHING = (OrganizationState.REJECTED, OrganizationState.WITHDRAWN)
#: Those, and what became part of another one: nothing happens with them any more.
GONE = (*CAME_TO_NOTHING, OrganizationState.MERGED)


class Role(enum.StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    LEAD = "lead"
    HELPER = "helper"


class MembershipState(enum.StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    REJECTED = "rejected"
    LEFT = "left"
    REMOVED = "removed"
    #: Its organisation was merged into one where the person was a member already.
    MERGED = "merged"


NEXT_MEMBERSHIP_STATES = {
    MembershipState.PENDING: {
        MembershipState.ACTIVE,
        MembershipState.REJECTED,
        MembershipState.LEFT,
        MembershipState.MERGED,
    },
    MembershipState.ACTIVE: {MembershipState.LEFT, MembershipState.REMOVED, MembershipState.MERGED},
    MembershipState.REJECTED: {MembershipState.PENDING, MembershipState.ACTIVE, MembershipState.MERGED},
    MembershipState.LEFT: {MembershipState.PENDING, MembershipState.ACTIVE, MembershipState.MERGED},
    #: Back only when an appeal was right.
    MembershipState.REMOVED: {MembershipState.ACTIVE, MembershipState.MERGED},
    MembershipState.MERGED: set(),
}


class TeamState(enum.StrEnum):
    ACTIVE = "active"
    DISSOLVED = "dissolved"
