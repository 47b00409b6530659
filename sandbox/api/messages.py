"""Messages the account sends by itself."""

import re
from typing import Any

from sandbox.api.call import OK, Answer, Call
from sandbox.errors import ApiError
from sandbox.people import Person
from sandbox.pushes import push
from sandbox.replies import article, known_media
from sandbox.values import checked_values, filled
from sandbox.windows import use_window

ONCE_SECONDS = 600
EXCHANGE_SECONDS = 30
TEXT_BYTES = 2048
URL_BYTES = 1024


def custom_send(call: Call) -> Answer:
    body = call.body()
    person = call.follower(body.get("touser"))
    kind = body.get("msgtype")
    if kind not in BUBBLES:
        raise ApiError(40008)
    content = body.get(kind)
    if not isinstance(content, dict):
        raise ApiError(44004)
    bubble = BUBBLES[kind](call, content)
    use_window(person, call.now)
    call.state.show(person.id, {"from": "account", "type": kind, **bubble}, call.now)
    return OK


def _text(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    text = content.get("content")
    if not isinstance(text, str) or not text:
        raise ApiError(44004)
    if len(text.encode()) > TEXT_BYTES:
        raise ApiError(45002)
    return {"text": text}


def _news(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    articles = content.get("articles")
    if not isinstance(articles, list) or not articles or not isinstance(articles[0], dict):
        raise ApiError(44003)
    if len(articles) > 1:
        raise ApiError(45008)
    return {"article": article(articles[0])}


def _media(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    try:
        known_media(call.state, content.get("media_id"), call.now)
    except ValueError as error:
        raise ApiError(40007) from error
    return {"media_id": content["media_id"], "title": str(content.get("title", ""))}


def _music(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    _media(call, {"media_id": content.get("thumb_media_id")})
    return {"title": str(content.get("title", "")), "url": str(content.get("musicurl", ""))}


def _menu(call: Call, content: dict[str, Any]) -> dict[str, Any]:
    options = content.get("list")
    if not isinstance(options, list) or not options:
        raise ApiError(40035)
    listed = [{"id": str(item.get("id", "")), "content": str(item.get("content", ""))} for item in options]
    return {
        "head": str(content.get("head_content", "")),
        "options": listed,
        "tail": str(content.get("tail_content", "")),
    }


BUBBLES = {
    "text": _text,
    "news": _news,
    "image": _media,
    "voice": _media,
    "video": _media,
    "music": _music,
    "msgmenu": _menu,
}


def typing(call: Call) -> Answer:
    body = call.body()
    person = call.follower(body.get("touser"))
    if body.get("command") not in ("Typing", "CancelTyping"):
        raise ApiError(45072)
    if call.now - person.last_action_at > EXCHANGE_SECONDS:
        raise ApiError(45080)
    return OK


def template_send(call: Call) -> Answer:
    """模板消息: a card now, TEMPLATESENDJOBFINISH afterwards."""
    body = call.body()
    person = call.person(body.get("touser"))
    template = _template(call, body, "template")
    if not person.following:
        raise ApiError(43004)
    values = checked_values(template["content"], body.get("data"))
    url = str(body.get("url") or "")
    if len(url.encode()) > URL_BYTES:
        raise ApiError(40039)
    earlier = _sent_before(call, person, str(body.get("client_msg_id") or ""))
    if earlier:
        return {**OK, "msgid": earlier}
    message_id = _show_card(call, person, template, values, url)
    _remember(call, person, str(body.get("client_msg_id") or ""), message_id)
    event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": message_id, "Status": "success"}
    call.later.append(lambda: push(call.box, person, event))
    return {**OK, "msgid": message_id}


def subscribe_send(call: Call) -> Answer:
    """订阅通知: one for each acceptance."""
    body = call.body()
    person = call.person(body.get("touser"))
    template = _template(call, body, "subscribe")
    values = checked_values(template["content"], body.get("data"))
    if person.acceptances.get(template["id"], 0) <= 0:
        raise ApiError(43101)
    person.acceptances[template["id"]] -= 1
    message_id = _show_card(call, person, template, values, str(body.get("page") or ""))
    item = {"TemplateId": template["id"], "MsgID": str(message_id), "ErrorCode": "0", "ErrorStatus": "success"}
    event = {"MsgType": "event", "Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": item}}
    call.later.append(lambda: push(call.box, person, event))
    return {**OK, "msgid": message_id}


def list_templates(call: Call) -> Answer:
    return {"template_list": [_listed(row) for row in call.state.templates.values() if row["kind"] == "template"]}


def list_subscriptions(call: Call) -> Answer:
    rows = [row for row in call.state.templates.values() if row["kind"] == "subscribe"]
    return {**OK, "data": [{"priTmplId": row["id"], "title": row["title"], "content": row["content"]} for row in rows]}


def _listed(row: dict[str, str]) -> dict[str, str]:
    return {"template_id": row["id"], "title": row["title"], "content": row["content"], "example": ""}


def _template(call: Call, body: dict[str, Any], kind: str) -> dict[str, str]:
    """A known template of this kind: an id of the other kind is refused just the same."""
    template = call.state.templates.get(str(body.get("template_id", "")))
    if template is None or template["kind"] != kind:
        raise ApiError(40037)
    return template


def _show_card(call: Call, person: Person, template: dict[str, str], values: dict[str, str], url: str) -> int:
    lines = [re.split(r"[:：]", line, maxsplit=1) for line in filled(template["content"], values).split("\n")]
    rows = [[part.strip() for part in line] for line in lines]
    card = {"from": "account", "type": "template", "title": template["title"], "rows": rows, "url": url}
    call.state.show(person.id, card, call.now)
    return call.state.next("template_message", 4_000_000_000_000_000_001)


def _sent_before(call: Call, person: Person, client_id: str) -> int | None:
    sent = call.state.sent_once.get(f"{person.openid} {client_id}") if client_id else None
    return int(sent[1]) if sent and call.now - sent[0] < ONCE_SECONDS else None


def _remember(call: Call, person: Person, client_id: str, message_id: int) -> None:
    sent_once = call.state.sent_once
    for key in [key for key, sent in sent_once.items() if call.now - sent[0] >= ONCE_SECONDS]:
        del sent_once[key]
    if client_id:
        sent_once[f"{person.openid} {client_id}"] = [call.now, message_id]
