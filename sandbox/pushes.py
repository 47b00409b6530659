"""Bringing messages and events to the account: signed, in three modes, with the 5 s cut and the repeats."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from sandbox import crypto, xml
from sandbox.box import Box
from sandbox.outgoing import new_session
from sandbox.people import Person
from sandbox.replies import GREY_LINE, Judgement, grey, judge

TIME_LIMIT = 5.0
TRIES = 3
MAX_REPLY = 1 << 20
MESSAGE_TYPES = {"text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage"}
ANSWERED_EVENTS = {
    "click",
    "subscribe",
    "scan",
    "location",
    "scancode_waitmsg",
    "scancode_push",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
}


@dataclass
class Try:
    """One request to the account; `status` is None when no answer came."""

    status: int | None
    seconds: float
    judged: str


@dataclass
class Outcome:
    """All tries of one push, and what the person saw of it."""

    tries: list[Try] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)


def push(box: Box, person: Person, fields: dict[str, Any]) -> Outcome:
    """Deliver one push and show the answer. Holds no lock while it waits: the account may call us back."""
    complete = completed(box, person, fields)
    params, body = envelope(box, person, complete)
    outcome = Outcome()
    verdict = Judgement("none", valid=False)
    for _ in range(TRIES):
        verdict = _try(box, person, params, body, outcome)
        # Only silence is repeated; a body that makes no sense would make none the second time.
        if not verdict.word.startswith("failed"):
            break
    answered = can_be_answered(complete)
    with box.world.change() as state:
        for bubble in verdict.bubbles if answered else []:
            outcome.shown.append(state.show(person.id, bubble, box.clock.now()))
    if not answered and verdict.bubbles:
        outcome.tries[-1].judged += " (not shown)"
    return outcome


def completed(box: Box, person: Person, fields: dict[str, Any]) -> dict[str, Any]:
    """The common fields in front; a message gets its number. Repeats carry the very same."""
    common = {
        "ToUserName": box.settings.account_id,
        "FromUserName": person.openid,
        "CreateTime": int(box.clock.now()),
    }
    complete = {**common, **fields}
    if complete.get("MsgType") in MESSAGE_TYPES and "MsgId" not in complete:
        with box.world.change() as state:
            complete["MsgId"] = 24_000_000_000_000_000 + state.next("msg_id")
    return complete


def envelope(box: Box, person: Person, fields: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    """Query and body of one push in the account's mode."""
    settings = box.settings
    timestamp, nonce = str(int(box.clock.now())), str(secrets.randbelow(10**10))
    params = {
        "signature": crypto.signature(settings.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": person.openid,
    }
    if settings.mode == "plain":
        return params, xml.render(fields).encode()
    encrypted = crypto.encrypt(xml.render(fields), settings.aes_key, settings.app_id)
    params["encrypt_type"] = "aes"
    params["msg_signature"] = crypto.signature(settings.token, timestamp, nonce, encrypted)
    clear = fields if settings.mode == "compatible" else {"ToUserName": fields["ToUserName"]}
    return params, xml.render({**clear, "Encrypt": encrypted}).encode()


def _try(box: Box, person: Person, params: dict[str, str], body: bytes, outcome: Outcome) -> Judgement:
    started = time.monotonic()
    status, answer, why = _post(box.settings.callback_url, params, body)
    seconds = round(time.monotonic() - started, 3)
    if why:
        verdict = Judgement(f"failed: {why}", [grey(GREY_LINE)], valid=False)
    else:
        with box.world.read() as state:
            verdict = judge(answer, person, box.settings, state, box.clock.now())
    outcome.tries.append(Try(status, seconds, verdict.word))
    return verdict


def _post(url: str, params: dict[str, str], body: bytes) -> tuple[int | None, bytes, str]:
    """Status, body, and why there is no answer (empty when there is one)."""
    deadline = time.monotonic() + TIME_LIMIT
    headers = {"Content-Type": "text/xml", "User-Agent": "Mozilla/4.0", "Accept": "*/*"}
    try:
        with (
            new_session() as session,
            session.post(
                url, params=params, data=body, headers=headers, timeout=TIME_LIMIT, stream=True, allow_redirects=False
            ) as response,
        ):
            answer = _read(response, deadline)
            status = response.status_code
    except requests.Timeout:
        return None, b"", "no answer in 5 s"
    except requests.RequestException as error:
        # A read that times out in the middle of a body comes as a plain connection error.
        timed_out = time.monotonic() >= deadline - 0.05
        return None, b"", "no answer in 5 s" if timed_out else f"connection: {type(error).__name__}"
    return status, answer, "" if status == 200 else f"status {status}"


def _read(response: requests.Response, deadline: float) -> bytes:
    """The whole body, cut at the deadline even when it drips."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(8192):
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > deadline:
            raise requests.Timeout
        if size > MAX_REPLY:
            break
    return b"".join(chunks)


def can_be_answered(fields: dict[str, Any]) -> bool:
    """Whether a reply to this push would reach the person's chat."""
    if fields.get("MsgType") != "event":
        return fields.get("MsgType") in MESSAGE_TYPES
    return str(fields.get("Event", "")).lower() in ANSWERED_EVENTS


def verify(box: Box) -> dict[str, Any]:
    """GET verification, as pressing 提交 in WeChat's console does."""
    timestamp, nonce, echostr = str(int(box.clock.now())), secrets.token_hex(5), str(secrets.randbits(63))
    params = {
        "signature": crypto.signature(box.settings.token, timestamp, nonce),
        "echostr": echostr,
        "timestamp": timestamp,
        "nonce": nonce,
    }
    try:
        with new_session() as session:
            response = session.get(box.settings.callback_url, params=params, timeout=TIME_LIMIT, allow_redirects=False)
    except requests.RequestException as error:
        return {"ok": False, "status": None, "why": f"connection: {type(error).__name__}"}
    exact = response.status_code == 200 and response.content == echostr.encode()
    why = "" if exact else "the body is not exactly echostr, or the status is not 200"
    return {"ok": exact, "status": response.status_code, "why": why}
