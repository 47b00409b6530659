"""A list of very many people is taken out by one person when another one said yes: asked, judged, used once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.services import note_audit
from app.activities import exporting, rosters
from app.activities.errors import ApprovalOver, ExportJudged, NotApproved, OwnExport, RefusalNeedsReason, TooManyExports
from app.activities.export_requests import ExportRequest, ExportState
from app.activities.models import Activity
from app.context import here
from app.database import rows_hit, session
from app.errors import NotFound
from app.notices import services as notices
from app.organizations import permissions, queries, telling
from app.organizations.links import page_for
from app.organizations.models import Organization, OrganizationAdmin
from app.volunteers.revealing import times_today

ASKED, APPROVED, REFUSED = "roster.export_asked", "roster.export_approved", "roster.export_refused"
#: How many a page shows of a kind.
MOST_SHOWN = 50
#: Those that were dealt with are shown for so long.
SHOWN_FOR = timedelta(days=30)


def ask(activity: Activity, group: str, reason: str, form_key: str, *, actor_id: int, now: datetime) -> ExportRequest:
    """Ask that somebody else approve it; an older wish of the person for this list that waits is replaced.

    The same form again asks once. Raises TooManyExports.
    """
    same = _of_form(form_key, actor_id)
    if same:
        return same
    if times_today([ASKED], actor_id, now) >= here.config.limits.exports_per_day:
        raise TooManyExports
    wish = ExportRequest(form_key=form_key, activity_id=activity.id, account_id=actor_id, list_group=group)
    wish.people, wish.reason, wish.asked_at = rosters.size(activity, group), reason, now
    wish.state = ExportState.PENDING
    mine = (ExportRequest.activity_id == activity.id, ExportRequest.account_id == actor_id)
    waiting = update(ExportRequest).where(*mine, ExportRequest.list_group == group)
    try:
        with session.begin_nested():
            rows_hit(waiting.where(ExportRequest.state == ExportState.PENDING).values(state=ExportState.WITHDRAWN))
            session.add(wish)
    except IntegrityError:
        # By this very form, pressed twice at one moment; somebody else's key is nobody's.
        same = _of_form(form_key, actor_id)
        if same is None:
            raise NotFound from None
        return same
    _note(wish, ASKED, reason, actor_id=actor_id, now=now)
    _tell_judges(wish, now)
    return wish


def _of_form(form_key: str, actor_id: int) -> ExportRequest | None:
    query = select(ExportRequest).where(ExportRequest.form_key == form_key, ExportRequest.account_id == actor_id)
    return session.scalar(query.execution_options(populate_existing=True))


def judge(uid: str, *, accept: bool, words: str, by: int, seen: int | None = None, now: datetime) -> None:
    """Approve or refuse it; the caller has the right to. `seen`: how many were on the list when they looked at it, if
    that is known; to so many they say yes.

    Raises NotFound, OwnExport, RefusalNeedsReason, ExportJudged.
    """
    wish = find(uid)
    if wish is None:
        raise NotFound
    if wish.account_id == by:
        raise OwnExport
    if not accept and not words:
        raise RefusalNeedsReason
    state = ExportState.APPROVED if accept else ExportState.REFUSED
    values = {"state": state, "judged_by_id": by, "judged_at": now, "decision": words}
    if accept:
        # Nobody says yes to more than there are.
        values["people"] = wish.people if seen is None else min(seen, max(size(wish), wish.people))
        values["expires_at"] = now + timedelta(hours=here.config.limits.export_approval_hours)
    # Conditional, because two may judge at the same moment.
    waits = update(ExportRequest).where(ExportRequest.id == wish.id, ExportRequest.state == ExportState.PENDING)
    if not rows_hit(waits.values(values)):
        raise ExportJudged
    session.refresh(wish)
    _note(wish, APPROVED if accept else REFUSED, words, actor_id=by, now=now)
    kind = "export_approved" if accept else "export_refused"
    _tell(wish, kind, wish.activity.organization, [wish.account_id], words, now)


def use(uid: str, *, by: int, now: datetime) -> tuple[ExportRequest, Sequence[int]]:
    """The one who asked takes the list out, once; written down and counted as every export.

    Returns the ids of the sign-ups, too, which are not more than somebody said yes to.
    Raises NotFound, NotApproved, ApprovalOver, ListGrown, TooManyExports.
    """
    wish = find(uid)
    if wish is None:
        raise NotFound
    if wish.account_id != by or wish.state not in (ExportState.APPROVED, ExportState.USED):
        raise NotApproved
    mine = update(ExportRequest).where(ExportRequest.id == wish.id, ExportRequest.state == ExportState.APPROVED)
    # Conditional, because it may be pressed twice at the same moment.
    if not rows_hit(mine.where(ExportRequest.expires_at > now).values(state=ExportState.USED, used_at=now)):
        raise ApprovalOver
    whose = {"actor_id": by, "approved": wish.people}
    return wish, exporting.note_export(wish.activity, wish.list_group, wish.reason, **whose, now=now)


def find(uid: str) -> ExportRequest | None:
    query = select(ExportRequest).where(ExportRequest.uid == uid).options(*_WITH)
    return session.scalar(query.execution_options(populate_existing=True))


def size(wish: ExportRequest) -> int:
    """How many are on the list now."""
    return rosters.size(wish.activity, wish.list_group)


_WITH = (joinedload(ExportRequest.activity).joinedload(Activity.organization),)


def waiting_for(organization: Organization) -> Sequence[ExportRequest]:
    """Those of the organisation and of all below that nobody has judged yet, the oldest first."""
    query = _inside(organization).where(ExportRequest.state == ExportState.PENDING)
    return session.scalars(query.order_by(ExportRequest.id).limit(MOST_SHOWN)).all()


def settled(organization: Organization, now: datetime) -> Sequence[ExportRequest]:
    """Those of the last weeks that were judged, the newest first."""
    judged = ExportRequest.state.in_([ExportState.APPROVED, ExportState.REFUSED, ExportState.USED])
    query = _inside(organization).where(judged, ExportRequest.asked_at > now - SHOWN_FOR)
    return session.scalars(query.order_by(ExportRequest.id.desc()).limit(MOST_SHOWN)).all()


def _inside(organization: Organization) -> Select[ExportRequest]:
    inside = Organization.path.startswith(organization.path, autoescape=True)
    query = select(ExportRequest).join(ExportRequest.activity).join(Activity.organization).where(inside)
    return query.options(*_WITH)


def asker_of(wish: ExportRequest) -> str:
    """The name by which the person acts for the organisation; empty when they do no more."""
    query = select(OrganizationAdmin.name).where(OrganizationAdmin.account_id == wish.account_id)
    return session.scalar(query.where(OrganizationAdmin.organization_id == wish.activity.organization_id)) or ""


def judges_of(wish: ExportRequest) -> tuple[Organization, list[int]]:
    """Who is told that it waits: the others who could judge it in the organisation, else those nearest above."""
    judge = wish.activity.organization
    own = queries.who_may(judge.id, permissions.JUDGE_EXPORTS)
    if not set(own) - {wish.account_id}:
        above, own = telling.judging(judge, [wish.account_id])
        judge = above or judge
    return judge, [account_id for account_id in own if account_id != wish.account_id]


def _tell_judges(wish: ExportRequest, now: datetime) -> None:
    wish = find(wish.uid) or wish
    judge, whom = judges_of(wish)
    _tell(wish, "export_waiting", judge, whom, wish.reason, now)


def _tell(wish: ExportRequest, kind: str, judge: Organization, whom: Sequence[int], words: str, now: datetime) -> None:
    values = {
        "title": wish.activity.title,
        "other": wish.activity.organization.name,
        "reason": f"{rosters.GROUPS[wish.list_group][0]} {wish.people} 人{'：' if words else ''}{words}",
        "path": page_for(judge, f"/organization/exports/{wish.uid}"),
    }
    notices.add_many(kind, f"{kind}:{wish.id}", whom, values, now=now)


def _note(wish: ExportRequest, action: str, words: str, *, actor_id: int, now: datetime) -> None:
    activity = session.get_one(Activity, wish.activity_id)
    detail = exporting.described(activity, wish.list_group, wish.people, words)
    note_audit(wish.account_id, action, detail, actor_id=actor_id, topic=f"activity:{activity.id}", now=now)
