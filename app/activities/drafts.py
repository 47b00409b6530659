"""Activities that are not published: kept as they were typed, under the name of their form."""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from app import files, regions
from app.activities.errors import AlreadyPublished, DraftTaken, DraftTooLong, FormUsed, TooManyDrafts
from app.activities.models import PICTURES, Activity, ActivityState
from app.activities.states import MENDABLE
from app.database import session
from app.errors import NotFound
from app.organizations import tree
from app.organizations.models import Organization
from app.organizations.suspending import check_may_prepare

Typed = dict[str, list[str]]
#: Of one organisation; a list of more helps nobody.
MOST_DRAFTS = 50
#: More than the longest texts and all shifts of a form that may be published.
MOST_BYTES = 130_000
#: What is not published yet.
UNPUBLISHED = (ActivityState.DRAFT, ActivityState.PENDING_REVIEW, ActivityState.REJECTED)


def save(
    typed: Typed,
    organization: Organization,
    *,
    form_key: str,
    times: tuple[datetime, datetime] | None = None,
    pictures: Sequence[str] = (),
    seen: str = "",
    most: int | None = MOST_DRAFTS,
    now: datetime,
) -> Activity:
    """Keep what was typed; the same form again changes the same draft. `times` are start and end, where they are known.

    `seen` is the digest of the draft that the page was opened with.
    Raises AlreadyPublished, FormUsed, TooManyDrafts, DraftTooLong, DraftTaken, MayNotPublish.
    """
    words = json.dumps(typed, ensure_ascii=False)
    if len(words.encode()) > MOST_BYTES:
        raise DraftTooLong
    tree.hold(organization)
    check_may_prepare(organization)
    activity = held(form_key, organization)
    if activity is None:
        if most is not None and _number(organization) >= most:
            raise TooManyDrafts
        activity = _begin(organization, form_key, now)
    check(activity, typed, seen)
    if activity.state == ActivityState.REJECTED:
        activity.move_to(ActivityState.DRAFT)
    if activity.state != ActivityState.DRAFT:
        raise AlreadyPublished
    title = "".join(character for character in typed.get("title", [""])[0] if character.isprintable()).strip()
    activity.title = title[:50] or "未命名"
    activity.starts_at, activity.ends_at = times or (now, now)
    activity.draft = words
    # So that they are not taken for nobody's while the draft waits.
    files.claim(pictures, PICTURES, activity.id, organization_id=organization.id)
    session.flush()
    return activity


def edition_of(typed: Typed) -> str:
    """The name of the page that wrote it last; empty when it was no page of ours."""
    return next(iter(typed.get("edition", ())), "")


def check(activity: Activity | None, typed: Typed, seen: str) -> None:
    """Raises DraftTaken when another page has written the draft since this one was opened.

    What a page writes one time after the other is its own, so that it need not hear of what it has kept.
    """
    there = typed_of(activity) if activity else {}
    mine = edition_of(typed)
    if there and mine and mine != edition_of(there) and seen != digest(there):
        raise DraftTaken


def digest(typed: Typed) -> str:
    """Which words they are, in a few letters."""
    return sha256(json.dumps(typed, ensure_ascii=False).encode()).hexdigest()[:32]


def keep(activity: Activity, typed: Typed) -> None:
    """Keep what was typed for something that waits, so that it can be mended when it is sent back."""
    if activity.state == ActivityState.PENDING_REVIEW:
        activity.draft = json.dumps(typed, ensure_ascii=False)
        session.flush()


def _number(organization: Organization) -> int:
    """How many drafts there are; what waits for review is the parent's turn."""
    query = select(func.count()).where(Activity.organization_id == organization.id, Activity.state.in_(MENDABLE))
    return session.scalar(query) or 0


def held(form_key: str, organization: Organization) -> Activity | None:
    query = select(Activity).where(Activity.form_key == form_key, Activity.organization_id == organization.id)
    return session.scalar(query.execution_options(populate_existing=True).with_for_update())


def _begin(organization: Organization, form_key: str, now: datetime) -> Activity:
    empty = dict.fromkeys(("title", "scope_category", "address", "content", "leader_name", "declaration_version"), "")
    times = dict.fromkeys(
        ("signup_start_at", "signup_end_at", "starts_at", "ends_at", "cancel_deadline_at", "created_at"), now
    )
    activity = Activity(
        form_key=form_key,
        organization_id=organization.id,
        region=organization.region,
        city=regions.city_of(organization.region),
        province=regions.province_of(organization.region),
        state=ActivityState.DRAFT,
        **empty,
        **times,
    )
    try:
        with session.begin_nested():
            session.add(activity)
    except IntegrityError:
        same = held(form_key, organization)
        if same is None:
            raise FormUsed from None
        return same
    return activity


def find(form_key: str | None, organization: Organization) -> Activity | None:
    """What is not published yet and was begun with this form."""
    query = select(Activity).where(Activity.form_key == form_key, Activity.organization_id == organization.id)
    return session.scalar(query.where(Activity.state.in_(UNPUBLISHED))) if form_key else None


def typed_of(activity: Activity) -> Typed:
    """What was typed; empty when it is no draft."""
    kept: dict[str, Any] = json.loads(activity.draft) if activity.draft else {}
    return kept


def of_organization(organization: Organization) -> Sequence[Activity]:
    """Those that are not published, the newest first."""
    query = select(Activity).where(Activity.organization_id == organization.id, Activity.state.in_(UNPUBLISHED))
    return session.scalars(query.order_by(Activity.id.desc()).limit(MOST_DRAFTS + 1)).all()


def newest(organization: Organization) -> Activity | None:
    """The draft that was begun last."""
    query = select(Activity).where(Activity.organization_id == organization.id, Activity.state == ActivityState.DRAFT)
    return session.scalar(query.order_by(Activity.id.desc()).limit(1))


def to_copy(organization: Organization, *, most: int = 20) -> Sequence[Activity]:
    """What a new one may be begun from: templates first, then the newest."""
    query = select(Activity).where(
        Activity.organization_id == organization.id,
        or_(Activity.state == ActivityState.PUBLISHED, Activity.state == ActivityState.CANCELLED),
    )
    return session.scalars(query.order_by(Activity.is_template.desc(), Activity.id.desc()).limit(most)).all()


def drop(activity: Activity) -> None:
    """Throw a draft away. Raises AlreadyPublished, NotFound."""
    # Locked and read once more: somebody may be publishing it.
    query = select(Activity).where(Activity.id == activity.id).with_for_update()
    if session.scalar(query.execution_options(populate_existing=True)) is None:
        raise NotFound
    session.expire(activity, ["shifts"])
    if activity.state not in MENDABLE:
        raise AlreadyPublished
    files.claim((), PICTURES, activity.id, organization_id=activity.organization_id)
    for shift in activity.shifts:
        session.delete(shift)
    session.flush()
    session.delete(activity)
    session.flush()
