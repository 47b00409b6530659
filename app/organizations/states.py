"""The states of organisations, memberships and sub-teams, where each may go, and as what one acts."""

import enum


class OrganizationState(enum.StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    #: Sent back with a reason, to be mended and sent again.
    RETURNED = "returned"
    #: Refused for good, with a reason; the name is free again.
    REJECTED = "rejected"
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
    },
    OrganizationState.RETURNED: {OrganizationState.PENDING},
    OrganizationState.REJECTED: set(),
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
