"""Who may take part in an activity, and in which words those hear it who may not."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, false, or_, select

from app import codes
from app.activities import recruiting
from app.activities.models import Activity, RecruitScope, SignUp
from app.clock import today, years_old
from app.database import in_batches, session
from app.organizations.models import Membership, MembershipState, Organization
from app.volunteers.models import Volunteer
from app.volunteers.services import lacks_guardian


def words(activity: Activity) -> list[str]:
    """The conditions, as everybody reads them."""
    return list(each(activity).values())


def each(activity: Activity) -> dict[str, str]:
    """The same, by what they ask about."""
    said = {
        "scope": recruiting.words(activity),
        "age": _age_words(activity),
        "skills": f"有以下任一专业技能：{codes.labels(codes.SKILLS, activity.skills_any)}"
        if activity.skills_any
        else "",
        "training": f"要先有：{activity.training_required}" if activity.training_required else "",
        "members": f"只限“{activity.organization.name}”的成员" if activity.members_only else "",
    }
    return {key: text for key, text in said.items() if text}


def _age_words(activity: Activity) -> str:
    if activity.min_age and activity.max_age:
        return f"{activity.min_age} 至 {activity.max_age} 周岁"
    if activity.min_age:
        return f"年满 {activity.min_age} 周岁"
    return f"不超过 {activity.max_age} 周岁" if activity.max_age else ""


def lacking(activity: Activity, volunteer: Volunteer, starts_at: datetime, *, now: datetime) -> list[str]:
    """Why this volunteer may not sign up now for a shift that starts then; empty when they may."""
    return [*_not_meant(activity, volunteer), *lacking_oneself(activity, volunteer, starts_at, now=now)]


def lacking_oneself(activity: Activity, volunteer: Volunteer, starts_at: datetime, *, now: datetime) -> list[str]:
    """The same, whomever the activity is meant for: of somebody whom the organiser puts on the list."""
    return [*lacking_papers(volunteer, now), *_lacking(activity, volunteer, starts_at)]


def lacking_papers(volunteer: Volunteer, now: datetime) -> Iterator[str]:
    """Why this volunteer may not sign up for anything."""
    if not volunteer.id_number_sealed:
        yield "您撤回了证件号码的同意；没有证件号码不能报名，请先在“更正姓名或证件”里重新填写"
    if lacks_guardian(volunteer, now):
        yield "您未满 18 周岁，要由监护人同意；请先在“志愿者信息”里填写监护人"


def _not_meant(activity: Activity, volunteer: Volunteer) -> Iterator[str]:
    if activity.recruit_scope == RecruitScope.CLOSED:
        yield "这个活动不公开报名，名单由主办组织确定"
    elif activity.recruit_scope == RecruitScope.DIRECTED and not recruiting.is_meant(activity, volunteer.id):
        yield f"这个活动{recruiting.words(activity)}"


def removed_since(activity: Activity, sign_ups: Iterable[SignUp]) -> dict[int, str]:
    """By sign-up, of those who were removed from the organisation after they asked: why it is not for them any more.

    Of who left by themselves, and of conditions that were changed, it says nothing: they keep their place.
    """
    if not activity.members_only and activity.recruit_scope != RecruitScope.DIRECTED:
        return {}
    found: dict[int, str] = {}
    for some in in_batches(list(sign_ups)):
        ids = [row.volunteer_id for row in some]
        query = select(Membership.volunteer_id, Membership.ended_at).join(Membership.organization)
        query = query.where(
            Membership.state == MembershipState.REMOVED, Membership.volunteer_id.in_(ids), _of(activity)
        )
        ended = session.execute(query).all()
        for row in some:
            is_gone = any(who == row.volunteer_id and when and when >= row.signed_up_at for who, when in ended)
            why = _not_of_them(activity, row.volunteer_id) if is_gone else ""
            if why:
                found[row.id] = f"{why}，您已被清退"
    return found


def _of(activity: Activity) -> ColumnElement[bool]:
    """Whether the organisation is one whose members the activity is for."""
    whose = [Organization.id == activity.organization_id] if activity.members_only else []
    for row in activity.audiences if activity.recruit_scope == RecruitScope.DIRECTED else ():
        below = Organization.path.startswith(row.organization.path, autoescape=True)
        whose.append(below if row.with_below else Organization.id == row.organization_id)
    return or_(false(), *whose)


def _not_of_them(activity: Activity, volunteer_id: int) -> str:
    if activity.members_only and not _is_member(activity.organization_id, volunteer_id):
        return f"只限“{activity.organization.name}”的成员"
    if activity.recruit_scope == RecruitScope.DIRECTED and not recruiting.is_meant(activity, volunteer_id):
        return recruiting.words(activity)
    return ""


def _lacking(activity: Activity, volunteer: Volunteer, starts_at: datetime) -> Iterator[str]:
    if activity.min_age or activity.max_age:
        age = years_old(volunteer.birth_date, today(starts_at)) if volunteer.birth_date else None
        if age is None:
            yield "这个活动有年龄要求，请先在“志愿者信息”里补上出生日期"
        elif activity.min_age and age < activity.min_age:
            yield f"活动当天您还不满 {activity.min_age} 周岁"
        elif activity.max_age and age > activity.max_age:
            yield f"活动当天您已超过 {activity.max_age} 周岁"
    if activity.skills_any and not {skill.code for skill in volunteer.skills} & set(activity.skills_any):
        needed = codes.labels(codes.SKILLS, activity.skills_any)
        yield f"需要的专业技能是：{needed}。如果您有，请在“志愿者信息”里选上"
    if activity.members_only and not _is_member(activity.organization_id, volunteer.id):
        yield f"只限“{activity.organization.name}”的成员，请先加入这个组织"


def _is_member(organization_id: int, volunteer_id: int) -> bool:
    query = select(Membership.id).where(
        Membership.organization_id == organization_id,
        Membership.volunteer_id == volunteer_id,
        Membership.state == MembershipState.ACTIVE,
    )
    return session.scalar(query) is not None
