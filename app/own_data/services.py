"""One person's data, and all sealed data: exported, erased, sealed anew, as the classes of the columns say."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, String, Table, delete, select, update
from sqlalchemy.sql.sqltypes import JSON

from app import crypto, files
from app.accounts import agreements, code_caps
from app.accounts import services as accounts
from app.accounts.models import Account, AccountState, Consent
from app.activities import leaving, summary
from app.activities.export_requests import ExportRequest
from app.activities.models import Activity, Shift, SignUp
from app.context import here
from app.database import session
from app.governance import appeals
from app.group_registration.models import ImportRow
from app.models import metadata
from app.notices.models import Notice
from app.organizations import admins
from app.organizations import services as organizations
from app.organizations.models import APPLICATION, Organization, OrganizationAdmin, Role
from app.organizations.queries import admin_rows
from app.organizations.states import CAME_TO_NOTHING
from app.organizations.wishes import Invitation
from app.own_data.errors import MustHandOver
from app.privacy import data_class, personal_columns, place, sealed_columns
from app.volunteers.models import Volunteer, VolunteerState
from app.volunteers.services import find_volunteer

#: Rows that are sealed anew in one transaction: short enough that nobody waits for it.
BATCH = 500
#: Who is to be called about an organisation or an activity, often the person who wrote it: as what, and what is kept.
CALLED = ("leader", "contact", "backing")
LED = ("organizations", "leader")
KEPT = ("name", "phone_sealed", "id_number_sealed")


def tables_of_people() -> Iterator[Table]:
    """Tables with rows that belong to a person, those that are referred to last."""
    return (table for table in reversed(metadata.sorted_tables) if "person" in table.info)


def rows_of(table: Table, account_id: int) -> ColumnElement[bool]:
    """The condition for a person's rows."""
    column = table.columns[table.info["person"]]
    if column.name == "volunteer_id":
        return column.in_(select(Volunteer.id).where(Volunteer.account_id == account_id))
    return column == account_id


def export(account: Account) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept about the person, by table, in clear."""
    data: dict[str, list[dict[str, Any]]] = {}
    for table in tables_of_people():
        if table.info.get("copy"):
            continue  # says in other words what stands in a table above
        rows = session.execute(select(table).where(rows_of(table, account.id))).mappings()
        found = [
            {
                column.name.removesuffix("_sealed"): _plain(table, column.name, row)
                for column in table.columns
                if data_class(column) != "secret"
            }
            for row in rows
        ]
        if found:
            data[table.name] = found
    _name_activities(data.get(SignUp.__tablename__, []))
    _name_lists(data.get(ExportRequest.__tablename__, []))
    _name_organizations(data)
    for notice in data.get(Notice.__tablename__, []):
        notice["subject"] = here.notice_texts.subject(notice["kind"], notice["values"])
    for table, role, where in where_named(account):
        columns = _kept_of(table, role)
        rows = session.execute(select(table.c.id, table.c.uid, *columns).where(where)).mappings()
        found = [
            {"id": row["id"]} | {c.name.removesuffix("_sealed"): _plain(table, c.name, row) for c in columns}
            for row in rows
        ]
        if found:
            data[f"{table.name}.{role}"] = found
    _add_what_follows(data.get(".".join(LED), []))
    return data


def _add_what_follows(rows: list[dict[str, Any]]) -> None:
    """Say of each organisation that the person leads how many pages of their form are kept, and whom else it names."""
    for row in rows:
        organization = session.get_one(Organization, row["id"])
        row["application_pages"] = len(organization.pages)
        # Whom to ask, where nobody is named for that.
        row["is_contact"] = not organization.contact_name


def _name_activities(rows: list[dict[str, Any]]) -> None:
    """Say of each sign-up to which activity and shift it is: numbers tell a person nothing.

    Of what was called off, too, whether the shift was over by then.
    """
    query = select(Shift, Activity).join(Activity, Shift.activity_id == Activity.id)
    found = session.execute(query.where(Shift.id.in_([row["shift_id"] for row in rows]))).all()
    named = {
        shift.id: {
            "activity_title": activity.title,
            "shift_title": shift.title,
            "activity_cancelled": summary.called_off(activity, shift.ends_at),
        }
        for shift, activity in found
    }
    for row in rows:
        row |= named[row["shift_id"]]


def _name_lists(rows: list[dict[str, Any]]) -> None:
    """Say of each wish to take a list out of which activity it is."""
    wanted = {row["activity_id"] for row in rows}
    found = session.execute(select(Activity.id, Activity.title).where(Activity.id.in_(wanted)))
    titles = {row[0]: row[1] for row in found}
    for row in rows:
        row["activity_title"] = titles.get(row["activity_id"], "")


def _name_organizations(data: dict[str, list[dict[str, Any]]]) -> None:
    """Say of each row of an organisation which one it is."""
    rows = [row for found in data.values() for row in found if row.get("organization_id")]
    wanted = {row["organization_id"] for row in rows}
    names = {row.id: row.name for row in session.scalars(select(Organization).where(Organization.id.in_(wanted)))}
    for row in rows:
        row["organization_name"] = names.get(row["organization_id"], "")


def where_named(account: Account) -> Iterator[tuple[Table, str, ColumnElement[bool]]]:
    """The rows of each table that name the person as one to call, as a condition, and as what."""
    for table in metadata.sorted_tables:
        for role in CALLED:
            index = table.columns.get(f"{role}_phone_index")
            if index is not None and account.phone_index:
                yield table, role, index == account.phone_index


def _led_by(account: Account) -> list[int]:
    """The organisations whose paper form is this person's."""
    where = [where for table, role, where in where_named(account) if (table.name, role) == LED]
    return list(session.scalars(select(Organization.id).where(*where))) if where else []


def _kept_of(table: Table, role: str) -> list[Any]:
    names = [f"{role}_{what}" for what in KEPT]
    return [table.columns[name] for name in names if name in table.columns]


def _plain(table: Table, name: str, row: Any) -> Any:
    value = row[name]
    if value is not None and table.columns[name].info.get("sealed"):
        return crypto.ring().open(value, place(table.name, name.removesuffix("_sealed"), row["uid"]))
    return value.isoformat() if isinstance(value, date | datetime) else value


def erase(account: Account) -> None:
    """Take the person out: what identifies them goes, number and sums stay, and nobody else is touched."""
    account_id, phone_index = account.id, account.phone_index
    files.forget_unclaimed(account_id)
    files.forget(APPLICATION, _led_by(account))
    for table, role, where in where_named(account):
        nobody = {column.name: _nothing(column) for column in _kept_of(table, role)}
        session.execute(update(table).where(where).values(nobody | {f"{role}_phone_index": None}))
    if phone_index:
        code_caps.forget_phone(phone_index)
        session.execute(delete(Invitation).where(Invitation.phone_index == phone_index))
        session.execute(delete(Notice).where(Notice.phone_index == phone_index))
        session.execute(delete(ImportRow).where(ImportRow.phone_index == phone_index))
    for table in tables_of_people():
        where = rows_of(table, account_id)
        if table.info.get("erase") == "delete":
            session.execute(delete(table).where(where))
            continue
        empty = {column.name: _nothing(column) for column in personal_columns(table)}
        empty |= {name: None for name in table.columns.keys() if name.endswith("_index")}  # noqa: SIM118
        if empty:
            session.execute(update(table).where(where).values(empty))
    session.execute(update(Volunteer).where(Volunteer.account_id == account_id).values(state=VolunteerState.ERASED))
    session.expire_all()
    account.move_to(AccountState.ERASED)


def _nothing(column: Any) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, String):
        return ""
    if isinstance(column.type, Date):
        return date.min
    raise TypeError(f"{column}: how is it emptied?")


def seal_anew(table: Table, after: int) -> tuple[int, int]:
    """Seal the next rows under the first key; returns the last id looked at (0 at the end) and how many changed."""
    sealed = [column.name for column in sealed_columns(table)]
    columns = [table.c.id, table.c.uid, *(table.columns[name] for name in sealed)]
    rows = (
        session.execute(select(*columns).where(table.c.id > after).order_by(table.c.id).limit(BATCH)).mappings().all()
    )
    changed = 0
    for row in rows:
        old = {name: row[name] for name in sealed if row[name] and not crypto.ring().is_current(row[name])}
        if old:
            new = {name: _resealed(table, name, row) for name in old}
            # Only if nobody changed it meanwhile: then it is sealed with the first key already.
            same = [table.columns[name] == value for name, value in old.items()]
            session.execute(update(table).where(table.c.id == row["id"], *same).values(new))
            changed += 1
    return (rows[-1]["id"] if rows else 0), changed


def _resealed(table: Table, name: str, row: Any) -> str:
    where = place(table.name, name.removesuffix("_sealed"), row["uid"])
    return crypto.ring().seal(crypto.ring().open(row[name], where), where)


def close(account: Account, *, now: datetime) -> None:
    """注销: give back what is held, then take the person out. Raises MustHandOver."""
    alone = [row.organization.name for row in admin_rows(account.id) if _owns_alone(row)]
    if alone:
        raise MustHandOver(f"您是“{alone[0]}”唯一的所有者，请先在“管理员”里移交组织，再注销")
    take_out(account, now=now)


def take_out(account: Account, *, now: datetime) -> None:
    """Give back the places to come, leave the organisations, and erase what identifies the person."""
    appeals.withdraw_all(account.id)
    volunteer = find_volunteer(account.id)
    if volunteer:
        for shift_id in leaving.shifts_to_come(volunteer.id, now):
            leaving.give_back(shift_id, volunteer.id, now=now)
        organizations.leave_all(volunteer, now=now)
    for row in admin_rows(account.id):
        if not _owns_alone(row):
            admins.leave(row.organization_id, row.id, now=now)
    erase(account)


def _owns_alone(row: OrganizationAdmin) -> bool:
    """Whether the organisation has no other owner, and needs one: one that came to nothing needs none."""
    if row.organization.state in CAME_TO_NOTHING:
        return False
    others = select(OrganizationAdmin.id).where(
        OrganizationAdmin.organization_id == row.organization_id,
        OrganizationAdmin.role == Role.OWNER,
        OrganizationAdmin.account_id != row.account_id,
    )
    return row.role == Role.OWNER and session.scalar(others.limit(1)) is None


def forget_id_number(account: Account, *, now: datetime) -> None:
    """Withdraw the consent to keep the ID number: it goes, and with it the right to sign up until it is given anew."""
    volunteer = find_volunteer(account.id)
    if volunteer:
        # The index stays: who withdrew is still one person, and finds the same account again by the same papers.
        volunteer.id_number_sealed = None
    for row in admin_rows(account.id):
        row.id_number = ""
    consents = update(Consent).where(Consent.account_id == account.id, Consent.document == agreements.ID_NUMBER_CONSENT)
    session.execute(consents.where(Consent.withdrawn_at.is_(None)).values(withdrawn_at=now))
    accounts.note_audit(account.id, "consent.withdrawn", agreements.ID_NUMBER_CONSENT, actor_id=account.id, now=now)
