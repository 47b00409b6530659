"""Judging what the account answers to a push, as strictly as WeChat does."""

from dataclasses import dataclass, field
from typing import Any

from sandbox import crypto, xml
from sandbox.people import Person
from sandbox.settings import Settings
from sandbox.world import State

TEXT_BYTES = 2048
MEDIA_LIFE = 3 * 86400
GREY_LINE = "该公众号提供的服务出现故障，请稍后再试"


@dataclass
class Judgement:
    """`word` is what the control interface reports; `bubbles` is what the person sees."""

    word: str
    bubbles: list[dict[str, Any]] = field(default_factory=list)
    valid: bool = True


def judge(body: bytes, person: Person, settings: Settings, state: State, now: float) -> Judgement:
    """Empty, `success`, a reply, or a fault that shows the grey line."""
    if not body:
        return Judgement("empty")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return invalid("not UTF-8")
    if text.strip() == "success":
        return Judgement("success")
    try:
        fields = _opened(xml.parse(text), settings)
        _check_envelope(fields, person, settings)
        return Judgement("reply", _bubbles(fields, state, now))
    except ValueError as error:
        return invalid(str(error))


def invalid(why: str) -> Judgement:
    return Judgement(f"invalid: {why}", [grey(GREY_LINE)], valid=False)


def grey(text: str) -> dict[str, Any]:
    return {"from": "system", "type": "grey", "text": text}


def _opened(fields: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The clear fields; a reply in safe mode must be encrypted and signed."""
    encrypted = fields.get("Encrypt")
    if not encrypted:
        if settings.mode == "safe":
            raise ValueError("not encrypted")
        return fields
    if settings.mode == "plain":
        raise ValueError("encrypted, but the mode is plain")
    expected = crypto.signature(settings.token, str(fields.get("TimeStamp")), str(fields.get("Nonce")), encrypted)
    if not crypto.same(expected, str(fields.get("MsgSignature"))):
        raise ValueError("MsgSignature is wrong")
    return xml.parse(crypto.decrypt(encrypted, settings.aes_key, settings.app_id))


def _check_envelope(fields: dict[str, Any], person: Person, settings: Settings) -> None:
    if fields.get("ToUserName") != person.openid:
        raise ValueError("ToUserName is not the openid")
    if fields.get("FromUserName") != settings.account_id:
        raise ValueError("FromUserName is not the account")
    if not str(fields.get("CreateTime", "")).isdigit():
        raise ValueError("CreateTime is not a number")


def _bubbles(fields: dict[str, Any], state: State, now: float) -> list[dict[str, Any]]:
    kind = fields.get("MsgType")
    if kind == "text":
        return [_text(fields)]
    if kind == "news":
        return [_news(fields)]
    if kind == "transfer_customer_service":
        return []
    if kind in ("image", "voice", "video"):
        inner = _part(fields, kind.capitalize())
        known_media(state, inner.get("MediaId"), now)
        return [{"from": "account", "type": kind, "media_id": inner["MediaId"], "title": inner.get("Title", "")}]
    if kind == "music":
        inner = _part(fields, "Music")
        known_media(state, inner.get("ThumbMediaId"), now)
        url = inner.get("MusicUrl", "")
        return [{"from": "account", "type": "music", "title": inner.get("Title", ""), "url": url}]
    raise ValueError(f"MsgType {kind} is unknown")


def _text(fields: dict[str, Any]) -> dict[str, Any]:
    content = fields.get("Content")
    if not isinstance(content, str) or not content:
        raise ValueError("Content is empty")
    if len(content.encode()) > TEXT_BYTES:
        raise ValueError(f"Content is over {TEXT_BYTES} bytes")
    return {"from": "account", "type": "text", "text": content}


def _news(fields: dict[str, Any]) -> dict[str, Any]:
    items = _part(fields, "Articles").get("item")
    articles: list[Any] = items if isinstance(items, list) else [items]
    if str(fields.get("ArticleCount")) != str(len(articles)) or not all(isinstance(item, dict) for item in articles):
        raise ValueError("ArticleCount is not the number of articles")
    if len(articles) != 1:
        raise ValueError("more than one article")
    return {"from": "account", "type": "news", "article": article(articles[0])}


def article(item: dict[str, Any]) -> dict[str, str]:
    """A card from the fields of a reply (Title) or of a customer-service message (title)."""
    lower = {name.lower(): str(value) for name, value in item.items()}
    return {name: lower.get(name, "") for name in ("title", "description", "picurl", "url")}


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    part = fields.get(name)
    if not isinstance(part, dict):
        raise ValueError(f"{name} is missing")
    return part


def known_media(state: State, media_id: object, now: float) -> dict[str, Any]:
    """What is known of a medium; ValueError when it never was or its three days are over."""
    media = state.media.get(str(media_id))
    if media is None or now >= media["created_at"] + MEDIA_LIFE:
        raise ValueError("MediaId is unknown or expired")
    return media
