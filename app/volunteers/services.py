"""Registering volunteers and finding them."""

import json
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import crypto
from app.accounts import services as accounts
from app.accounts.models import Account
from app.clock import local, today
from app.config import Limits
from app.database import session
from app.notices import services as notices
from app.volunteers.errors import (
    AlreadyRegistered,
    GuardianNeeded,
    IdNumberNotAccepted,
    NotAGuardian,
    TooYoung,
)
from app.volunteers.identity import ADULT, age, volunteer_no
from app.volunteers.models import Source, Volunteer, VolunteerService, VolunteerSkill

Code = TypeVar("Code", VolunteerSkill, VolunteerService)


@dataclass(frozen=True)
class Profile:
    """What a volunteer may add and change at will; nothing of it is asked of everybody."""

    service_region: str = ""
    kind: str = ""
    expertise: list[str] = field(default_factory=list)
    other_skills: str = ""
    target_groups: list[str] = field(default_factory=list)
    availability: list[str] = field(default_factory=list)
    political_status: str = ""
    ethnicity: str = ""
    education: str = ""
    employment: str = ""
    employer: str = ""
    title: str = ""
    address: str = ""
    email: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""
    declares_health: bool = False


@dataclass(frozen=True)
class Identity:
    """Who somebody is, by a document."""

    name: str
    gender: str
    birth_date: date
    id_type: str
    id_number: str


@dataclass(frozen=True)
class Guardian:
    """Who answers for somebody under 18, and when they consented: by a code that reached their own phone."""

    name: str = ""
    phone: str = ""
    consented_at: datetime | None = None


@dataclass(frozen=True)
class Registration:
    """What a person registers with, already read and checked field by field."""

    identity: Identity
    residence_region: str
    skills: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    guardian: Guardian = field(default_factory=Guardian)
    profile: Profile = field(default_factory=Profile)


def find_volunteer(account_id: int) -> Volunteer | None:
    return session.scalar(select(Volunteer).where(Volunteer.account_id == account_id))


def register(
    account: Account, facts: Registration, *, limits: Limits, now: datetime, source: Source = Source.SELF
) -> Volunteer:
    """Make the account's person a volunteer.

    Raises AlreadyRegistered, IdNumberNotAccepted, TooYoung, GuardianNeeded, NotAGuardian.
    """
    check_age(facts.identity.birth_date, limits, now)
    if is_minor(facts.identity.birth_date, now):
        check_guardian(facts.guardian, name=facts.identity.name, phone=account.phone)
    if find_volunteer(account.id):
        raise AlreadyRegistered
    holder = find_by_id_number(facts.identity.id_number)
    if holder:
        # The person's own other press may have been faster since we looked.
        raise AlreadyRegistered if holder.account_id == account.id else IdNumberNotAccepted
    volunteer = Volunteer(
        account_id=account.id,
        name=facts.identity.name,
        gender=facts.identity.gender,
        birth_date=facts.identity.birth_date,
        id_type=facts.identity.id_type,
        id_number=facts.identity.id_number,
        residence_region=facts.residence_region,
        source=source,
        registered_at=now,
        skills=[VolunteerSkill(code=code) for code in facts.skills],
        services=[VolunteerService(code=code) for code in facts.services],
    )
    if is_minor(facts.identity.birth_date, now):
        _put_guardian(volunteer, facts.guardian)
    _fill_in(volunteer, facts.profile, now)
    try:
        with session.begin_nested():
            session.add(volunteer)
    except IntegrityError:
        # Another press or another phone was faster; which of the two decides what to say.
        raise AlreadyRegistered if find_volunteer(account.id) else IdNumberNotAccepted from None
    volunteer.volunteer_no = volunteer_no(facts.residence_region, volunteer.id)
    session.flush()
    return volunteer


def _put_guardian(volunteer: Volunteer, guardian: Guardian) -> None:
    volunteer.guardian_name, volunteer.guardian_phone = guardian.name, guardian.phone
    volunteer.guardian_consented_at = guardian.consented_at


def change_guardian(volunteer: Volunteer, guardian: Guardian, *, now: datetime) -> None:
    """Put another guardian, who has consented, in the place of the one before. Raises GuardianNeeded, NotAGuardian."""
    check_guardian(guardian, name=volunteer.name, phone=volunteer.account.phone)
    _put_guardian(volunteer, guardian)
    session.flush()
    accounts.note_audit(volunteer.account_id, "volunteer.guardian", "", actor_id=volunteer.account_id, now=now)


def _fill_in(volunteer: Volunteer, profile: Profile, now: datetime) -> None:
    for entry in fields(profile):
        if entry.name != "declares_health":
            setattr(volunteer, entry.name, getattr(profile, entry.name))
    if not profile.declares_health:
        volunteer.health_declared_at = None
    elif volunteer.health_declared_at is None:
        volunteer.health_declared_at = now


def edit(
    volunteer: Volunteer, profile: Profile, *, region: str, skills: list[str], services: list[str], now: datetime
) -> None:
    """Change where the volunteer lives, what they can and want to do, and what they tell of themselves."""
    _fill_in(volunteer, profile, now)
    volunteer.residence_region = region
    volunteer.skills = [_kept(volunteer.skills, code) or VolunteerSkill(code=code) for code in skills]
    volunteer.services = [_kept(volunteer.services, code) or VolunteerService(code=code) for code in services]
    session.flush()


def correct_identity(volunteer: Volunteer, identity: Identity, *, limits: Limits, now: datetime) -> None:
    """Change name or papers, which is written down.

    Raises IdNumberNotAccepted, TooYoung, GuardianNeeded, NotAGuardian.
    """
    check_age(identity.birth_date, limits, now)
    if is_minor(identity.birth_date, now):
        if volunteer.guardian_consented_at is None:
            raise GuardianNeeded
        if is_same_name(volunteer.guardian_name, identity.name):
            raise NotAGuardian("这是您的监护人的姓名；监护人登记错了，请先更换监护人", field="name")
        if volunteer.guardian_phone == volunteer.account.phone:
            raise NotAGuardian("您的手机号就是登记的监护人的手机号，请先更换监护人")
    before = {entry.name: str(getattr(volunteer, entry.name)) for entry in fields(identity)}
    changed = [entry.name for entry in fields(identity) if before[entry.name] != str(getattr(identity, entry.name))]
    if not changed:
        return
    holder = find_by_id_number(identity.id_number)
    if holder is not None and holder.id != volunteer.id:
        raise IdNumberNotAccepted
    detail = {name: [before[name], str(getattr(identity, name))] for name in changed}
    try:
        with session.begin_nested():
            for name in changed:
                setattr(volunteer, name, getattr(identity, name))
    except IntegrityError:
        raise IdNumberNotAccepted from None
    words = json.dumps(detail, ensure_ascii=False)
    accounts.note_audit(volunteer.account_id, "volunteer.identity", words, actor_id=volunteer.account_id, now=now)


def warn_holder(identity: Identity, actor_id: int, *, now: datetime) -> None:
    """Tell whoever holds the ID number that another account tried it, once a day, and write it down each time."""
    holder = find_by_id_number(identity.id_number)
    if holder is None or holder.account_id == actor_id:
        return
    accounts.note_audit(holder.account_id, "id_number.tried", "", actor_id=actor_id, now=now)
    values = {"title": "有人用您的证件号码注册", "starts": f"{local(now):%Y-%m-%d %H:%M}", "path": "/account"}
    occasion = f"id-number-tried:{holder.account_id}:{today(now):%Y%m%d}"
    notices.add(holder.account_id, "id_number_tried", occasion, values, now=now)


def find_by_id_number(id_number: str) -> Volunteer | None:
    """Whoever has the number, as whatever paper: nobody is two persons by calling one document two things."""
    index = crypto.ring().index("id_number", id_number)
    return session.scalar(select(Volunteer).where(Volunteer.id_number_index == index))


def _kept(rows: list[Code], code: str) -> Code | None:
    """The row there is for the code: a second one with the same key would be inserted before the first is deleted."""
    return next((row for row in rows if row.code == code), None)


def check_age(born: date, limits: Limits, now: datetime) -> None:
    """Raises TooYoung."""
    if age(born, today(now)) < limits.volunteer_min_age:
        raise TooYoung(f"未满 {limits.volunteer_min_age} 周岁暂时不能注册为科技志愿者")


def is_minor(born: date | None, now: datetime) -> bool:
    """Whether somebody else must answer for the person."""
    return born is not None and age(born, today(now)) < ADULT


def lacks_guardian(volunteer: Volunteer, now: datetime) -> bool:
    return is_minor(volunteer.birth_date, now) and volunteer.guardian_consented_at is None


def check_own_phone(volunteer: Volunteer | None, phone: str, now: datetime) -> None:
    """Nobody under age takes the phone of who answers for them. Raises NotAGuardian."""
    if volunteer and is_minor(volunteer.birth_date, now) and volunteer.guardian_phone == phone:
        raise NotAGuardian("这是您的监护人的手机号，请用您自己的；监护人登记错了，请先更换监护人", field="phone")


def is_same_name(one: str, other: str) -> bool:
    """However it is written: spaces, dots and the size of letters are no other person."""
    letters, others = ("".join(filter(str.isalnum, name.casefold())) for name in (one, other))
    return bool(letters) and letters == others


def check_guardian(guardian: Guardian, *, name: str, phone: str) -> None:
    """A guardian is somebody else, and has consented. Raises GuardianNeeded, NotAGuardian."""
    if is_same_name(guardian.name, name):
        raise NotAGuardian("监护人不能是您本人，请填写监护人的姓名", field="guardian_name")
    if guardian.phone and guardian.phone == phone:
        raise NotAGuardian("这是您自己的手机号，请填写监护人的手机号", field="guardian_phone")
    if not (guardian.name and guardian.phone and guardian.consented_at):
        raise GuardianNeeded
