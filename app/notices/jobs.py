"""Send what is due, on the first channel that reaches the person."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from app.accounts.services import openid_of
from app.context import here
from app.database import in_transaction, session
from app.jobs import Jobs
from app.notices import services, text_messages
from app.notices.models import Notice
from app.wechat.gateway import OperatorMustAct, OutcomeUnknown, Refused, RetryLater, UserMustAct

log = structlog.get_logger()

CUSTOM, TEMPLATE, TEXT = "custom", "template", "sms"
#: WeChat knows a repeat of a template message by our key for so long.
KEY_LIFE = timedelta(minutes=10)


def register(jobs: Jobs) -> None:
    jobs.add(services.JOB, deliver_all, every_minutes=1)


def deliver_all() -> int:
    """Send all that is due; returns how many were dealt with."""
    _settle_stuck()
    done = 0
    while (notice_id := in_transaction(lambda: services.claim_due(here.clock.now()))) is not None:
        _deliver(notice_id)
        done += 1
    return done


def _settle_stuck() -> None:
    """A worker died between calling and writing it down. Only a channel that knows repeats may be called again."""
    now = here.clock.now()

    def settle() -> None:
        for notice in services.stuck(now):
            if (
                notice.channel == TEMPLATE
                and notice.claimed_until
                and now - notice.claimed_until < KEY_LIFE - services.CLAIM
            ):
                notice.state, notice.due_at = "waiting", now
            else:
                services.note_unknown(notice.id, "the worker stopped while the message was being sent")

    in_transaction(settle)


def _deliver(notice_id: int) -> None:
    notice = session.get_one(Notice, notice_id)
    try:
        channel = _next_channel(notice)
    except Exception as error:
        # Its kind or its text is not what this version knows: it must not hold up the others.
        log.exception("notice_unreadable", notice=notice_id)
        trouble = f"cannot be written: {type(error).__name__}"
        in_transaction(lambda: services.note_failed(notice_id, trouble))
        return
    if channel is None:
        in_transaction(lambda: services.note_unreachable(notice_id))
        return
    morning = text_messages.waits_until(notice, here.clock.now()) if channel.name == TEXT else None
    if morning:
        in_transaction(lambda: services.put_off(notice_id, morning))
        return
    sending = in_transaction(lambda: services.note_sending(notice_id, channel.name))
    if sending is None:
        return
    now = here.clock.now()
    patience = timedelta(hours=here.config.limits.notice_hours)
    try:
        _send(channel)
    except OutcomeUnknown as error:
        trouble = str(error)
        in_transaction(lambda: services.note_unknown(notice_id, trouble))
    except (UserMustAct, Refused):
        in_transaction(lambda: services.try_next_channel(session.get_one(Notice, notice_id), channel.name, now))
    except (RetryLater, OperatorMustAct) as error:
        log.warning("notice_delayed", notice=notice_id, reason=error.reason, errcode=error.errcode)
        trouble = str(error)
        in_transaction(
            lambda: services.try_again_later(session.get_one(Notice, notice_id), trouble, patience=patience, now=now)
        )
    except Exception as error:
        log.exception("notice_broken", notice=notice_id)
        trouble = f"the call broke: {type(error).__name__}"
        in_transaction(lambda: services.note_unknown(notice_id, trouble))
    else:
        in_transaction(lambda: services.note_sent(notice_id, now))


def _send(channel: "Channel") -> None:
    """Make the call; once more at once when nobody can say how it ended and the channel knows a repeat by our key."""
    try:
        channel.send()
    except OutcomeUnknown:
        if channel.name != TEMPLATE:
            raise
        channel.send()


class Channel:
    def __init__(self, name: str, send: Callable[[], None]) -> None:
        self.name, self.send = name, send


def _next_channel(notice: Notice) -> Channel | None:
    """The first way to the person that has not been tried in vain."""
    tried = notice.tried.split()
    openid = openid_of(notice.account_id, here.config.wechat.app_id) if notice.account_id else None
    if openid and CUSTOM not in tried:
        text = here.notice_texts.message(notice.kind, notice.values, here.config.site.public_url)
        return Channel(CUSTOM, lambda: here.wechat.send_text(openid, text))
    template = here.config.notices.templates.get(notice.kind)
    if openid and template and TEMPLATE not in tried:
        values = here.notice_texts.template_values(notice.kind, notice.values)
        url = here.config.site.public_url + str(notice.values.get("path", "/"))
        key = notice.uid
        return Channel(TEMPLATE, lambda: here.wechat.send_template(openid, template, values, url=url, key=key))
    phone = text_messages.phone_for(notice, here.clock.now())
    if phone and TEXT not in tried:
        kind, site = notice.kind, here.config.site.host
        words, fields = here.notice_texts.text_message(kind, notice.values, site)
        return Channel(TEXT, lambda: text_messages.send(phone, kind, words, fields))
    return None
