"""What volunteers are told of organisations, with what organisations entered for them."""

from datetime import datetime

from app.accounts.models import Account
from app.group_registration import inviting
from app.organizations.homes import OrganizationHomes


class GroupHomes(OrganizationHomes):
    def is_invited(self, account: Account, *, now: datetime) -> bool:
        return bool(inviting.waiting_for(account, now))
