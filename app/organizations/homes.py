"""What volunteers are told of organisations."""

from collections.abc import Sequence
from datetime import datetime

from app import codes
from app.context import here
from app.organizations import queries, services, teams
from app.organizations.models import Membership, MembershipState, Organization
from app.volunteers.homes import Home
from app.volunteers.models import Volunteer


class OrganizationHomes:
    def choices(self, region: str, aims: list[str], text: str, chosen: str) -> list[tuple[str, str]]:
        rows = list(queries.suggested(region, aims, text=text))
        if chosen and chosen not in {row.uid for row in rows}:
            rows += queries.open_to_joining(chosen)
        return [(row.uid, f"{row.name}（凭口令）" if _asks_password(row) else row.name) for row in rows]

    def join(self, volunteer: Volunteer, organization_uid: str, password: str, *, now: datetime) -> Membership:
        most = here.config.limits.home_organizations
        return services.join(volunteer, organization_uid, password=password, most=most, now=now)

    def of(self, volunteer_id: int) -> Sequence[Home]:
        rows, served = queries.memberships_of(volunteer_id), teams.served_by(volunteer_id)
        return [
            Home(
                row.organization.name,
                row.organization.uid,
                row.state == MembershipState.PENDING,
                served.get(row.organization_id, ()),
            )
            for row in rows
        ]

    def acts_for_any(self, account_id: int) -> bool:
        return bool(queries.admin_rows(account_id))


def _asks_password(organization: Organization) -> bool:
    return organization.join_mode == codes.JOIN_BY_WORD
