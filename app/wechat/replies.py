"""What the account answers: texts that an admin edits, and how an answer is written down for WeChat."""

import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.config import ConfigError
from app.wechat.crypto import MessageCipher, signature
from app.wechat.gateway import scan_proof
from app.wechat.push import Push
from app.wechat.xml import cdata

#: Under which the texts stand in the application's extensions.
NAME = "wechat_replies"
#: Older documents give this many bytes of UTF-8 for a text; nothing newer says more.
LONGEST_TEXT = 2048
#: What a file of texts may hold.
SECTIONS = {"links", "follow", "help", "log_in", "scene", "keyword", "tap"}
#: How the scenes of log-ins begin; the rest names the log-in.
LOG_IN_SCENE = "login_"
#: A place for a link; any other brace is just a brace.
WORD = re.compile(r"\{([^{}\n]+)\}")


@dataclass(frozen=True)
class Article:
    """A card with a link. In answer to a person WeChat shows one."""

    title: str
    description: str
    url: str
    picture_url: str = ""


Reply = str | Article


def render(reply: Reply, push: Push) -> bytes:
    """The XML of an answer.

    Its CreateTime is the push's own: an answer that is computed again for a repeated push is then the same to the byte.
    """
    head = (
        f"<ToUserName>{cdata(push.openid)}</ToUserName><FromUserName>{cdata(push.account_id)}</FromUserName>"
        f"<CreateTime>{push.create_time}</CreateTime>"
    )
    if isinstance(reply, str):
        body = f"<MsgType><![CDATA[text]]></MsgType><Content>{cdata(reply)}</Content>"
    else:
        body = (
            "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>"
            f"<Title>{cdata(reply.title)}</Title><Description>{cdata(reply.description)}</Description>"
            f"<PicUrl>{cdata(reply.picture_url)}</PicUrl><Url>{cdata(reply.url)}</Url></item></Articles>"
        )
    return f"<xml>{head}{body}</xml>".encode()


def encrypt(answer: bytes, cipher: MessageCipher, token: str, timestamp: str) -> bytes:
    """The answer in the envelope of the safe mode."""
    nonce = secrets.token_hex(8)
    encrypted = cipher.encrypt(answer)
    sign = signature(token, timestamp, nonce, encrypted)
    return (
        f"<xml><Encrypt>{cdata(encrypted)}</Encrypt><MsgSignature>{cdata(sign)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{cdata(nonce)}</Nonce></xml>"
    ).encode()


@dataclass(frozen=True)
class ReplyTexts:
    """The texts of replies/default.toml, links filled in."""

    follow: str
    help: str
    #: What somebody reads who scanned the code of a log-in; {confirm} is the link.
    log_in: str
    log_in_page: str
    scenes: Mapping[str, str] = field(default_factory=dict)
    keywords: tuple[tuple[str, str], ...] = ()
    taps: Mapping[str, str] = field(default_factory=dict)

    def for_text(self, text: str) -> str:
        """The text of the first keyword that the message contains; else a short help."""
        wanted = text.strip().casefold()
        return next((answer for word, answer in self.keywords if word in wanted), self.help)

    def for_scene(self, scene: str, openid: str) -> str:
        if scene.startswith(LOG_IN_SCENE):
            # A push alone logs nobody in: it only leads to the page where the person who scanned confirms.
            name = scene.removeprefix(LOG_IN_SCENE)
            page = f"{self.log_in_page}{quote(name, safe='')}.{scan_proof(name, openid)}"
            return self.log_in.replace("{confirm}", f'<a href="{page}">确认登录</a>')
        return self.scenes.get(scene, self.follow)


def load(path: Path, pages: Mapping[str, str]) -> ReplyTexts:
    """Read and check the file; `pages` gives the full address of each page name.

    Raises ConfigError, in one line that names file and entry.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    for name in sorted(set(entries) - SECTIONS):
        raise ConfigError(f"{path}: there is no section {name}; known are {', '.join(sorted(SECTIONS))}")
    for name in sorted((SECTIONS - {"keyword"}) & set(entries)):
        if not isinstance(entries[name], dict):
            raise ConfigError(f"{path}: [{name}] must be a table")
    if not isinstance(entries.get("keyword", []), list):
        raise ConfigError(f"{path}: a keyword is written as [[keyword]]")
    links = entries.get("links", {})

    def text(entry: Any, place: str) -> str:
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str) or not entry["text"].strip():
            raise ConfigError(f"{path}: {place} needs a text")
        return _fill(entry["text"].strip(), links, pages, f"{path}: {place}")

    keywords: list[tuple[str, str]] = []
    for number, entry in enumerate(entries.get("keyword", []), 1):
        words = entry.get("words") if isinstance(entry, dict) else None
        if (
            not isinstance(words, list)
            or not words
            or not all(isinstance(word, str) and word.strip() for word in words)
        ):
            raise ConfigError(f"{path}: keyword {number} needs words, a list of texts")
        answer = text(entry, f"keyword {number}")
        keywords += [(word.strip().casefold(), answer) for word in words]
    return ReplyTexts(
        follow=text(entries.get("follow"), "[follow]"),
        help=text(entries.get("help"), "[help]"),
        log_in=_log_in_text(entries.get("log_in"), path),
        log_in_page=pages["accounts.confirm_log_in"],
        scenes={key: text(entry, f"[scene.{key}]") for key, entry in entries.get("scene", {}).items()},
        keywords=tuple(keywords),
        taps={key: text(entry, f"[tap.{key}]") for key, entry in entries.get("tap", {}).items()},
    )


def _log_in_text(entry: Any, path: Path) -> str:
    words = entry.get("text") if isinstance(entry, dict) else None
    if not isinstance(words, str) or words.count("{confirm}") != 1 or len(words.encode()) > LONGEST_TEXT // 2:
        raise ConfigError(f"{path}: [log_in] needs a text with {{confirm}} in it once")
    return words.strip()


def _fill(text: str, links: Mapping[str, Any], pages: Mapping[str, str], place: str) -> str:
    """Put the links in: {word} is an entry of [links], which names a page and the words to press."""

    def link_of(found: re.Match[str]) -> str:
        link = links.get(found[1])
        page = link.get("page") if isinstance(link, dict) else None
        if not isinstance(link, dict) or not isinstance(page, str) or page not in pages:
            raise ConfigError(f"{place} uses {found[0]}, which is no entry of [links] with a known page")
        return f'<a href="{pages[page]}">{link.get("text", found[1])}</a>'

    answer = WORD.sub(link_of, text)
    if len(answer.encode()) > LONGEST_TEXT:
        raise ConfigError(f"{place} is {len(answer.encode())} bytes long with its links; WeChat takes {LONGEST_TEXT}")
    return answer
