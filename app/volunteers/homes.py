"""所属组织, as far as volunteers need it. Organisations know volunteers, not the reverse: they fill it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.accounts.models import Account
from app.volunteers.models import Volunteer


@dataclass(frozen=True)
class Home:
    name: str
    uid: str
    #: Asked to join, not accepted yet.
    is_pending: bool
    #: The sub-teams in which the volunteer serves, as pages name them.
    teams: Sequence[str] = ()


class Homes(Protocol):
    def choices(self, region: str, aims: list[str], text: str, chosen: str) -> list[tuple[str, str]]:
        """Organisations that may be asked, as (uid, name): near and of like aims first, with `text` in their names.

        Aims are codes of services and of skills.
        The one with the uid `chosen` is always among them, if it may be asked.
        """

    def join(self, volunteer: Volunteer, organization_uid: str, password: str, *, now: datetime) -> object:
        """Ask to be a member, or become one at once. Refusals are of `organization` or `join_password`."""

    def of(self, volunteer_id: int) -> Sequence[Home]: ...

    def is_invited(self, account: Account, *, now: datetime) -> bool:
        """Whether an organisation put the person on a list (团体注册), and they have not answered yet."""

    def acts_for_any(self, account_id: int) -> bool:
        """Whether the account is an admin of an organisation."""
