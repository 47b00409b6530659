"""What the register already knows of the people of some rows, asked in a few queries for all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from app.accounts.models import Account, AccountState
from app.database import session
from app.group_registration.models import ImportRow, RowState
from app.organizations.models import Membership, MembershipState, Organization
from app.volunteers.models import Volunteer, VolunteerState

#: Why a membership ended that an undo took back; it may begin again.
UNDONE = "批量导入已撤销"
#: What stands beside a row about somebody who has, or had, to do with the organisation.
MEMBERS = {
    MembershipState.ACTIVE: (RowState.DOUBLE, "已是本组织成员"),
    MembershipState.PENDING: (RowState.DOUBLE, "已申请加入本组织，请在“加入申请”里处理"),
    MembershipState.REJECTED: (RowState.BAD, "本组织没有同意过此人加入，要由本人重新申请"),
    MembershipState.LEFT: (RowState.BAD, "此人已退出本组织，要由本人重新加入"),
    MembershipState.REMOVED: (RowState.BAD, "此人被本组织清退过，不能导入"),
}
LIVE = (MembershipState.PENDING, MembershipState.ACTIVE)


@dataclass(frozen=True)
class Verdict:
    state: RowState
    problem: str = ""
    volunteer: Volunteer | None = None


class Known:
    """Of good rows of one organisation, as things are in this transaction.

    A sheet must not tell who is registered: phones can be tried in order. So of somebody who has nothing to do with the
    organisation it says something only when phone and number are both theirs. In all other cases the row is a new one:
    whoever has the phone is asked, with what they have told us untouched, and refuses or says nothing.
    """

    def __init__(
        self, organization: Organization, rows: Sequence[ImportRow], *, most_homes: int, now: datetime
    ) -> None:
        self._most_homes = most_homes
        phones = {row.phone_index for row in rows}
        papers = {row.id_number_index for row in rows}
        accounts = session.scalars(select(Account).where(Account.phone_index.in_(phones))).all()
        self._accounts = {account.phone_index: account for account in accounts}
        mine = [account.id for account in accounts]
        query = select(Volunteer).where(or_(Volunteer.account_id.in_(mine), Volunteer.id_number_index.in_(papers)))
        people = session.scalars(query).all()
        self._by_account = {person.account_id: person for person in people}
        self._by_paper = {(person.id_type, person.id_number_index): person for person in people}
        ids = [person.id for person in people]
        rows_of = session.scalars(select(Membership).where(Membership.volunteer_id.in_(ids))).all()
        self._here = {row.volunteer_id: row for row in rows_of if row.organization_id == organization.id}
        self._homes = Counter(row.volunteer_id for row in rows_of if row.state in LIVE)
        asked = select(ImportRow).where(
            ImportRow.organization_id == organization.id,
            ImportRow.state == RowState.INVITED,
            ImportRow.expires_at > now,
            or_(ImportRow.phone_index.in_(phones), ImportRow.id_number_index.in_(papers)),
        )
        self._asked = session.scalars(asked).all()

    def verdict(self, row: ImportRow) -> Verdict:
        asked = self._asked_before(row)
        if asked:
            return asked
        account = self._accounts.get(row.phone_index)
        by_phone = self._by_account.get(account.id) if account else None
        by_paper = self._by_paper.get((row.id_type, row.id_number_index))
        if by_phone is not by_paper:
            return self._of_phone(by_phone)
        is_usable = account is not None and account.state == AccountState.ACTIVE
        return self._of_volunteer(by_phone) if by_phone and is_usable else Verdict(RowState.FRESH)

    def _of_phone(self, person: Volunteer | None) -> Verdict:
        """With another number than the one that who has the phone registered with."""
        membership = self._here.get(person.id) if person else None
        if membership and membership.state in LIVE:
            return Verdict(RowState.BAD, "这个手机号是本组织成员的，证件号码不同，请核对")
        return Verdict(RowState.FRESH)

    def _asked_before(self, row: ImportRow) -> Verdict | None:
        for other in self._asked:
            same_phone = other.phone_index == row.phone_index
            same_paper = (other.id_type, other.id_number_index) == (row.id_type, row.id_number_index)
            if same_phone and same_paper:
                return Verdict(RowState.DOUBLE, "已经导入过，等本人确认")
            if same_phone:
                return Verdict(RowState.BAD, "这个手机号已导入过，证件号码不同，请核对")
            if same_paper:
                return Verdict(RowState.BAD, "这个证件号码已导入过，手机号不同，请核对")
        return None

    def _of_volunteer(self, person: Volunteer) -> Verdict:
        membership = self._here.get(person.id)
        is_undone = membership and membership.state == MembershipState.LEFT and membership.reason == UNDONE
        if membership and not is_undone and membership.state in MEMBERS:
            return Verdict(*MEMBERS[MembershipState(membership.state)])
        if person.state != VolunteerState.ACTIVE or self._homes[person.id] >= self._most_homes:
            return Verdict(RowState.FRESH)
        return Verdict(RowState.MERGED, "已是志愿者，导入时只加入本组织", person)
