"""Whom an organiser should call, because what they were owed did not reach them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.activities.models import Activity, ActivityState, ApprovalMode, SignUp
from app.database import in_batches
from app.notices import undelivered
from app.notices.models import Notice, NoticeState

#: What a person does not see on the page where they press; in the words of the organiser's list.
WORTH_A_CALL = {
    "activity_changed": "活动变动",
    "activity_overlaps": "活动变动",
    "risk_changed": "活动风险变动",
    "conditions_changed": "报名条件变动",
    "activity_cancelled": "活动取消",
    "place_offered": "有名额要确认",
    "put_on_list": "加入名单",
    "leave_granted": "请假已同意",
    "leave_refused": "请假没有同意",
    "organizer_message": "您发的消息",
}
#: Told at the press, unless it is decided later.
DECIDED_LATER = {ApprovalMode.REVIEW: "报名已通过", ApprovalMode.LOTTERY: "抽中了"}


def missed(activity: Activity, rows: Sequence[SignUp], now: datetime) -> dict[int, str]:
    """By sign-up: what did not arrive, of those who are on the list of something that is not over."""
    if now >= activity.ends_at or activity.state not in (ActivityState.PUBLISHED, ActivityState.CANCELLED):
        return {}
    return _missed(activity, {row.id: row.volunteer.account_id for row in rows if row.is_live})


def kinds_of(activity: Activity) -> dict[str, str]:
    """What is worth a call about the activity, in the words of the list."""
    later = DECIDED_LATER.get(ApprovalMode(activity.approval_mode))
    return WORTH_A_CALL | ({"sign_up_confirmed": later} if later else {})


def _missed(activity: Activity, on_list: Mapping[int, int]) -> dict[int, str]:
    """`on_list` has the account of each sign-up."""
    kinds = kinds_of(activity)
    path, accounts = f"/activities/{activity.id}", sorted(set(on_list.values()))
    words: dict[int, str] = {}
    for some in in_batches(accounts):
        found = undelivered.since_last_sent(some, path, kinds)
        words |= {account_id: _words(kinds, notices) for account_id, notices in found.items()}
    return {row_id: words[account_id] for row_id, account_id in on_list.items() if account_id in words}


def _words(kinds: Mapping[str, str], notices: Sequence[Notice]) -> str:
    what = "、".join(dict.fromkeys(kinds[notice.kind] for notice in notices))
    if all(notice.state == NoticeState.UNKNOWN for notice in notices):
        return f"不知是否送达：{what}，请打电话确认"
    return f"未送达：{what}，请打电话告诉对方"
