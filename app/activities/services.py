"""Publishing activities and changing them."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import files, regions
from app.activities import drawing, exclusions, misfits, moving, recruiting, rewording, risks, shifts, twins
from app.activities.errors import (
    CannotEdit,
    DraftGone,
    EditedMeanwhile,
    FormUsed,
    LotteryBegun,
    PublishedOtherwise,
    SignUpBegan,
)
from app.activities.facts import AS_WRITTEN, ActivityFacts
from app.activities.models import PICTURES, Activity, ActivityState, ApprovalMode
from app.activities.states import MENDABLE
from app.database import rows_hit, session
from app.organizations import tree
from app.organizations.models import Organization, Team
from app.organizations.suspending import check_may_publish

#: Which edition of "none of this is a paid duty, a meeting, …" publishers tick (domain facts 6.4).
DECLARATION_VERSION = "2026-11"
#: Its items, in the words that publishers read. Other words are another version.
DECLARATION = (
    "本职的有偿工作，或工作时间里的岗位任务",
    "单位或学校本来就要求的事：开会、值日、打扫、团建",
    "主要让参加者自己受益的事：学习、实习、参观、看电影、夏令营",
    "说不清公益目的的事：聚餐、排练、充当观众",
    "报酬明显高于误餐、交通补贴的事",
    "用捐款、转发换取时长，或把时长当作奖励",
    "已经结束的活动（补录有单独的办法）",
)


def find_by_form_key(form_key: str, organization: Organization) -> Activity | None:
    query = select(Activity).where(Activity.form_key == form_key, Activity.organization_id == organization.id)
    return session.scalar(query)


def publish(
    facts: ActivityFacts,
    organization: Organization,
    *,
    form_key: str,
    review: bool = False,
    by: int | None = None,
    now: datetime,
) -> Activity:
    """Publish an activity with its shifts, or hand it to the parent for review; the same form again is the same one.

    `by` is the account that pressed, which will not be the one to judge.

    Raises MayNotPublish, FormUsed, DraftGone, NotInsured, PasswordLacking, and PublishedOtherwise where the form was
    sent before with other words.
    """
    tree.hold(organization)
    check_may_publish(organization)
    facts = recruiting.hold(facts)
    goal = ActivityState.PENDING_REVIEW if review and organization.parent_id else ActivityState.PUBLISHED
    same = find_by_form_key(form_key, organization)
    if same is not None:
        return _publish_draft(same, facts, goal, by, now)
    activity = Activity(form_key=form_key, organization_id=organization.id, state=ActivityState.DRAFT, created_at=now)
    activity.move_to(goal)
    activity.handed_in_by_id = by
    _fill(activity, facts, now)
    try:
        with session.begin_nested():
            session.add(activity)
    except IntegrityError:
        same = find_by_form_key(form_key, organization)
        if same is None:
            raise FormUsed from None
        return _publish_draft(same, facts, goal, by, now)
    _complete(activity, facts)
    return activity


def _publish_draft(
    activity: Activity, facts: ActivityFacts, goal: ActivityState, by: int | None, now: datetime
) -> Activity:
    """What was a draft becomes what the form says; whoever comes second with the same words finds it done.

    Raises DraftGone, PublishedOtherwise.
    """
    mine = update(Activity).where(Activity.id == activity.id, Activity.state.in_(MENDABLE))
    # Another edition: whoever looks at what was handed in before judges that, not this.
    edition = {"revision": Activity.revision + int(goal == ActivityState.PENDING_REVIEW)}
    if not rows_hit(mine.values(state=goal, state_reason="", handed_in_by_id=by, **edition)):
        there = session.get(Activity, activity.id, populate_existing=True)
        if there is None:
            raise DraftGone
        if not twins.is_same(there, facts, now):
            raise PublishedOtherwise(there.id)
        return there
    session.refresh(activity)
    for shift in activity.shifts:
        session.delete(shift)  # of an earlier sending that was not let pass: nobody could sign up
    session.flush()
    session.refresh(activity, ["shifts"])
    _fill(activity, facts, now)
    session.flush()
    _complete(activity, facts)
    return activity


def _fill(activity: Activity, facts: ActivityFacts, now: datetime) -> None:
    activity.declaration_version = DECLARATION_VERSION
    activity.published_at = now if activity.state == ActivityState.PUBLISHED else None
    if activity.state == ActivityState.PUBLISHED:
        activity.draft = ""
    activity.starts_at, activity.ends_at = facts.starts_at, facts.ends_at
    activity.signup_start_at = facts.signup_start_at
    _describe(activity, facts)
    activity.shifts = shifts.made_of(facts)


def _complete(activity: Activity, facts: ActivityFacts) -> None:
    """What needs the activity's number."""
    activity.activity_no = f"{activity.region}{activity.id:08d}"
    exclusions.choose(activity, facts.exclusive_with)
    drawing.seal(activity)
    _show(activity, facts)


def sketch(facts: ActivityFacts, organization: Organization, *, now: datetime) -> Activity:
    """The activity as it would be, in no session: to look at."""
    activity = Activity(organization_id=organization.id, state=ActivityState.PUBLISHED, created_at=now)
    with session.no_autoflush:
        _fill(activity, replace(facts, password=facts.password or "-"), now)
        for audience in activity.audiences:
            audience.organization = session.get_one(Organization, audience.organization_id)
            audience.team = session.get(Team, audience.team_id) if audience.team_id else None
        activity.organization = organization
        activity.team = session.get(Team, activity.team_id) if activity.team_id else None
    for shift in activity.shifts:
        shift.waiting = 0
    activity.cover = facts.pictures[0] if facts.pictures else ""
    activity.exclusive_with = list(facts.exclusive_with)
    return activity


def _show(activity: Activity, facts: ActivityFacts) -> None:
    """Give the activity its pictures."""
    files.claim(facts.pictures, PICTURES, activity.id, organization_id=activity.organization_id)
    activity.cover = files.firsts(PICTURES, [activity.id]).get(activity.id, "")
    session.flush()


def _describe(activity: Activity, facts: ActivityFacts) -> None:
    activity.city = regions.city_of(facts.region)
    activity.province = regions.province_of(facts.region)
    activity.lng, activity.lat = facts.position or (None, None)
    risks.insure(activity, facts)
    recruiting.direct(activity, facts)
    for name in AS_WRITTEN:
        setattr(activity, name, getattr(facts, name))
    activity.cancel_deadline_at = min(facts.cancel_deadline_at or facts.starts_at, facts.starts_at)


def mark(activity: Activity, *, is_template: bool) -> None:
    """Make the activity one that others are begun from, or no more."""
    activity.is_template = is_template
    session.flush()


@dataclass(frozen=True)
class Edited:
    """How many were told of an edit: of those on the list, and of these, that they no longer meet a condition."""

    told: int
    unfit: int = 0


def edit(
    activity: Activity, facts: ActivityFacts, *, review: bool = False, seen: int | None = None, now: datetime
) -> Edited:
    """Change a published activity and its shifts. Who signed up is told of what `moving` names, of another
    description and an earlier end of cancelling, and who becomes unfit.

    Where the parent reviews, what it said yes to stays. `seen` is the revision that was edited, where it is known.
    Raises CannotEdit, EditedMeanwhile, NeedsReview, QuotaBeyondReview, QuotaTooLow, ShiftTaken, Changed, SignUpBegan,
    NotInsured, PasswordLacking.
    """
    facts = recruiting.hold(facts)
    shifts.hold(activity)
    if activity.state != ActivityState.PUBLISHED or now >= activity.ends_at:
        raise CannotEdit
    if seen is not None and seen != activity.revision:
        raise EditedMeanwhile
    if review and activity.organization.parent_id is not None:
        shifts.check_reviewed(activity, facts)
    before = moving.of(activity)
    before_training, mode, closed = activity.training_required, activity.approval_mode, activity.signup_end_at
    reworded = rewording.of(activity)
    asks_else = misfits.are_changed(activity, facts)
    unfit = misfits.everybody(activity) if asks_else else {}
    _take(activity)
    _describe(activity, facts)
    activity.starts_at, activity.ends_at = facts.starts_at, facts.ends_at
    _show(activity, facts)
    exclusions.choose(activity, facts.exclusive_with)
    moved = shifts.change(activity, facts, now=now)
    _open(activity, facts, now)
    _keep_draw(activity, mode, closed)
    if moving.of(activity).is_told_after(before):
        moved = list(activity.shifts)
    riskier = bool(activity.risk_text) and risks.is_worse(activity, before.risk_level, before.risk_text)
    if riskier:
        risks.ask_anew(activity, now)
    if before_training != activity.training_required:
        misfits.ask_anew(activity, now)
    told = moving.tell(activity, before, moved, riskier=riskier, now=now)
    told += rewording.tell(activity, reworded, moved, now=now)
    newly = misfits.tell_newly(activity, unfit, now=now) if asks_else else 0
    shifts.hand_on(activity, now=now)
    return Edited(told, newly)


def _open(activity: Activity, facts: ActivityFacts, now: datetime) -> None:
    """Let sign-up begin when the facts say, which is at once when that is past. Raises SignUpBegan.

    Once it has begun and people came it does not begin anew. The shifts were changed before, so nobody comes meanwhile.
    """
    begun, opens = activity.signup_start_at, facts.signup_start_at
    if opens <= now:
        opens = min(begun, opens)
    if begun <= now < opens and any(shift.is_wanted for shift in activity.shifts):
        raise SignUpBegan
    activity.signup_start_at = opens
    session.flush()


def _keep_draw(activity: Activity, mode: str, closed: datetime) -> None:
    """Lots are for all or for nobody, and what was drawn is not opened again. Raises LotteryBegun."""
    is_other = mode != activity.approval_mode and ApprovalMode.LOTTERY in (mode, activity.approval_mode)
    if is_other and any(shift.is_wanted for shift in activity.shifts):
        raise LotteryBegun
    if any(shift.drawn_at for shift in activity.shifts):
        activity.signup_end_at = closed
    drawing.seal(activity)


def _take(activity: Activity) -> None:
    """Of two who edit the same revision at once, the second is told. Raises EditedMeanwhile."""
    seen = activity.revision
    same = update(Activity).where(Activity.id == activity.id, Activity.revision == seen)
    if not rows_hit(same.values(revision=seen + 1)):
        raise EditedMeanwhile
    session.refresh(activity, ["revision"])
