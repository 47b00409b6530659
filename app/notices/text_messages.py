"""The last channel: a text message to whom nothing else reaches, about what cannot wait, and never many."""

from datetime import datetime, timedelta

import structlog

from app import crypto
from app.accounts import code_caps, day_counts
from app.accounts.models import Account, AccountState
from app.clock import today
from app.config import Limits
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.notices.nights import end_of_night
from app.sms.provider import SmsFailed, SmsOutcomeUnknown
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, RetryLater, UserMustAct

log = structlog.get_logger()
#: What the day's counters are called.
PHONE, SITE = "text", "texts"
#: So long before what it is about begins or ends a message is still worth waiting for.
IN_GOOD_TIME = timedelta(hours=1)


def phone_for(notice: Notice, now: datetime) -> str:
    """Where a text message about it would go; "" when none may be sent."""
    is_late = notice.text_until is None or now >= notice.text_until
    if is_late or not here.notice_texts.may_be_text(notice.kind) or not here.sms.carries(notice.kind):
        return ""
    if notice.account_id is None:
        return notice.phone
    account = session.get_one(Account, notice.account_id)
    return "" if account.state == AccountState.ERASED else account.phone


def waits_until(notice: Notice, now: datetime) -> datetime | None:
    """The end of the night, if it is night and the message is in good time then, too; None when it may go now."""
    morning = end_of_night(now, here.config.sms.quiet_from, here.config.sms.quiet_until)
    needed = notice.text_by or notice.text_until
    return morning if morning and needed and morning + IN_GOOD_TIME <= needed else None


def send(phone: str, kind: str, words: str, fields: dict[str, str]) -> None:
    """Send it, counted.

    Raises UserMustAct at the phone's cap, OperatorMustAct at the site's, RetryLater, OutcomeUnknown.
    """
    index, limits, now = crypto.ring().index("phone", phone), here.config.limits, here.clock.now()
    _count(index, limits, now)
    try:
        here.sms.send_text(phone, kind, words, fields)
    except SmsFailed:
        in_transaction(lambda: _give_back(index, now))
        raise RetryLater("the provider did not take the text message") from None
    except SmsOutcomeUnknown:
        raise OutcomeUnknown("the provider did not say whether it took the text message") from None


def sent_today(now: datetime) -> int:
    """Text messages of the whole site since midnight in China, codes not counted."""
    return day_counts.of_day(SITE, "", today(now))


def _count(index: str, limits: Limits, now: datetime) -> None:
    day = today(now)
    for scope, key in ((PHONE, index), (SITE, "")):
        day_counts.make(scope, key, day)

    def take() -> None:
        if not day_counts.take(PHONE, index, day, limits.texts_per_phone_day):
            raise UserMustAct("this phone has had its text messages of the day")
        if not day_counts.take(SITE, "", day, limits.texts_per_site_day):
            raise OperatorMustAct("limits.texts_per_site_day is reached: no more text messages today")

    in_transaction(take)
    sent, cap = sent_today(now), limits.texts_per_site_day
    if sent == code_caps.near(cap):
        log.warning("texts_near_the_cap_of_the_day", sent=sent, cap=cap)


def _give_back(index: str, now: datetime) -> None:
    for scope, key in ((PHONE, index), (SITE, "")):
        day_counts.give_back(scope, key, today(now))
