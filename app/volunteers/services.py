"""Registering volunteers and finding them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app import crypto
from app.accounts.models import Account
from app.clock import today
from app.config import Limits
from app.database import session
from app.volunteers.errors import AlreadyRegistered, GuardianNeeded, IdNumberNotAccepted, TooYoung
from app.volunteers.identity import ADULT, age, volunteer_no
from app.volunteers.models import Volunteer, VolunteerService, VolunteerSkill

Code = TypeVar("Code", VolunteerSkill, VolunteerService)


@dataclass(frozen=True)
class Registration:
    """What a person registers with, already read and checked field by field."""

    name: str
    gender: str
    birth_date: date
    id_type: str
    id_number: str
    residence_region: str
    skills: list[str] = field(default_factory=list)
    services: list[str] = field(default_factory=list)
    guardian_name: str = ""
    guardian_phone: str = ""


def find_volunteer(account_id: int) -> Volunteer | None:
    query = select(Volunteer).where(Volunteer.account_id == account_id)
    return session.scalar(query.options(selectinload(Volunteer.skills), selectinload(Volunteer.services)))


def register(account: Account, facts: Registration, *, limits: Limits, now: datetime) -> Volunteer:
    """Make the account's person a volunteer.

    Raises AlreadyRegistered, IdNumberNotAccepted, TooYoung, GuardianNeeded.
    """
    _check_age(facts, limits, now)
    if find_volunteer(account.id):
        raise AlreadyRegistered
    index = crypto.ring().index("id_number", facts.id_number)
    same_id = select(Volunteer.account_id).where(Volunteer.id_type == facts.id_type, Volunteer.id_number_index == index)
    holder = session.scalar(same_id)
    if holder:
        # The person's own other press may have been faster since we looked.
        raise AlreadyRegistered if holder == account.id else IdNumberNotAccepted
    volunteer = Volunteer(
        account_id=account.id,
        name=facts.name,
        gender=facts.gender,
        birth_date=facts.birth_date,
        id_type=facts.id_type,
        id_number=facts.id_number,
        residence_region=facts.residence_region,
        guardian_name=facts.guardian_name,
        guardian_phone=facts.guardian_phone,
        registered_at=now,
        skills=[VolunteerSkill(code=code) for code in facts.skills],
        services=[VolunteerService(code=code) for code in facts.services],
    )
    try:
        with session.begin_nested():
            session.add(volunteer)
    except IntegrityError:
        # Another press or another phone was faster; which of the two decides what to say.
        raise AlreadyRegistered if find_volunteer(account.id) else IdNumberNotAccepted from None
    volunteer.volunteer_no = volunteer_no(facts.residence_region, volunteer.id)
    session.flush()
    return volunteer


def edit(volunteer: Volunteer, *, region: str, skills: list[str], services: list[str]) -> None:
    """Change where the volunteer lives and what they can and want to do."""
    volunteer.residence_region = region
    volunteer.skills = [_kept(volunteer.skills, code) or VolunteerSkill(code=code) for code in skills]
    volunteer.services = [_kept(volunteer.services, code) or VolunteerService(code=code) for code in services]
    session.flush()


def _kept(rows: list[Code], code: str) -> Code | None:
    """The row there is for the code: a second one with the same key would be inserted before the first is deleted."""
    return next((row for row in rows if row.code == code), None)


def _check_age(facts: Registration, limits: Limits, now: datetime) -> None:
    years = age(facts.birth_date, today(now))
    if years < limits.volunteer_min_age:
        raise TooYoung(f"未满 {limits.volunteer_min_age} 周岁暂时不能注册为科技志愿者")
    if years < ADULT:
        if not facts.guardian_name:
            raise GuardianNeeded
        if not facts.guardian_phone:
            raise GuardianNeeded("未满 18 周岁需要监护人同意：请填写监护人手机号", field="guardian_phone")
