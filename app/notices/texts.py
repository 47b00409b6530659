"""The words of notices, read from a file that an admin edits."""

import string
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from app.config import ConfigError
from app.sms.provider import FRESH_PROOF, HAND_OVER, LONGEST, SIGNATURE, shortened

#: What people are told of.
KINDS = {
    "id_number_tried",
    *(
        "sign_up_confirmed",
        "sign_up_entered",
        "sign_up_not_drawn",
        "sign_up_pending",
        "sign_up_waitlisted",
        "place_offered",
        "offer_ended",
    ),
    *("sign_up_rejected", "sign_up_removed", "sign_up_withdrawn", "leave_granted", "leave_refused"),
    *(
        "risk_changed",
        "conditions_changed",
        "activity_changed",
        "activity_overlaps",
        "activity_cancelled",
        "organizer_message",
        "put_on_list",
        "description_changed",
        "leaving_ends_earlier",
    ),
    *("organization_registered", "organization_below", "organization_submitted", "organization_waiting"),
    *("organization_approved", "organization_returned", "organization_rejected"),
    *("change_waiting", "change_accepted", "change_refused", "judged_further_up", "organization_withdrawn"),
    *("organization_moved", "organization_merged", "organization_suspended", "organization_resumed"),
    *("organization_deactivated", "admin_invited", "admin_joined", "admin_changed", "admin_removed", "owner_changed"),
    *("export_waiting", "export_approved", "export_refused"),
    *("expected_soon", "expected_late", "expected_unfinished"),
    *("activity_to_review", "activity_accepted", "activity_sent_back"),
    *("membership_accepted", "membership_rejected", "membership_removed"),
    *("membership_imported", "membership_undone", "team_changed"),
    *("membership_asked", "membership_restored", "sign_ups_waiting"),
    *("appeal_waits", "appeal_upheld", "appeal_dismissed"),
}
#: What a notice may say; `link` is made from the notice's path and the entry's own word for it.
WORDS = {"title", "time", "starts", "place", "until", "reason", "other", "role", "link"}
#: What cannot wait, and so may go as a text message; the file gives each its words (`sms`), or none to send none.
#: Nothing of the person is in them, and no key of a link: whoever reads along on a phone learns nothing more.
BY_TEXT = {
    *("place_offered", "activity_changed", "risk_changed", "activity_overlaps", "activity_cancelled"),
    *("admin_invited", "owner_changed", "membership_removed"),
}
#: What a text message may say, with the longest that each can be; what has no length here is cut to what is left.
TEXT_WORDS = {"title": 0, "other": 8, "starts": 17, "until": 12, "role": 5, "site": 24}
#: So much of the title there must be room for.
SHORTEST_TITLE = 8
#: What a template's value may hold, by the beginning of its key (WeChat contract 7.2).
TEMPLATE_LIMITS = {"thing": 20, "short_thing": 5, "character_string": 32, "name": 10, "phrase": 5}


class NoticeTexts:
    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        self._entries = entries

    def message(self, kind: str, values: Mapping[str, str], public_url: str) -> str:
        """The text of a customer-service message."""
        entry = self._entries[kind]
        link = f'<a href="{public_url}{values.get("path", "/")}">{entry.get("link", "查看")}</a>'
        return str(entry["text"]).strip().format_map(_Filled({**values, "link": link}))

    def may_be_text(self, kind: str) -> bool:
        return bool(self._entries[kind].get("sms"))

    def text_message(self, kind: str, values: Mapping[str, str], site: str) -> tuple[str, dict[str, str]]:
        """The words of a text message, and its fields in their order, for providers that have the words on file."""
        words = SIGNATURE + str(self._entries[kind]["sms"])
        cut = {name: _shorter(values.get(name, ""), most) for name, most in TEXT_WORDS.items() if most} | {"site": site}
        cut["title"] = shortened(values.get("title", ""), words.format_map(_Filled(cut)))
        return words.format_map(_Filled(cut)), {name: cut[name] for name in _names(words) if name != "site"}

    def subject(self, kind: str, values: Mapping[str, str]) -> str:
        """The first line of the text: what the notice is about."""
        entry = self._entries.get(kind)
        first = str(entry["text"]).strip().splitlines()[0] if entry else ""
        return first.format_map(_Filled(values)).strip("：；，。 ")

    def template_values(self, kind: str, values: Mapping[str, str]) -> dict[str, str]:
        """The values of a template message, as WeChat accepts them: one too long or empty would refuse the whole."""
        template = self._entries[kind].get("template", {})
        return {key: _cut(key, str(text).format_map(_Filled(values))) or "—" for key, text in template.items()}


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def _names(words: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(words) if name]


def _shorter(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _cut(key: str, text: str) -> str:
    longest = TEMPLATE_LIMITS.get(key.rstrip("0123456789"))
    text = " ".join(text.split())
    return text if longest is None else _shorter(text, longest)


def load(path: Path, templates: Mapping[str, str], sms_templates: Collection[str] = ()) -> NoticeTexts:
    """Read and check the file, and that the account's and the SMS provider's templates are for notices there are.

    Raises ConfigError, in one line that names file and entry.
    """
    for kind in sorted(set(sms_templates) - BY_TEXT - {HAND_OVER, FRESH_PROOF}):
        known = ", ".join(sorted(BY_TEXT | {HAND_OVER, FRESH_PROOF}))
        raise ConfigError(f"setting sms.templates.{kind}: there is no such text message, only {known}")
    for kind in sorted(set(templates) - KINDS):
        raise ConfigError(f"setting notices.templates.{kind}: there is no such notice, only {', '.join(sorted(KINDS))}")
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    for kind in sorted(KINDS):
        entry = entries.get(kind)
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            raise ConfigError(f"{path}: [{kind}] needs a text")
        for text in [entry["text"], *entry.get("template", {}).values()]:
            _check_words(path, kind, str(text), WORDS)
        if entry.get("sms"):
            _check_text_message(path, kind, entry["sms"])
    return NoticeTexts(entries)


def _check_words(path: Path, kind: str, text: str, known: Collection[str]) -> None:
    unknown = set(_names(text)) - set(known)
    if unknown:
        raise ConfigError(f"{path}: [{kind}] has unknown words: {', '.join(sorted(unknown))}")


def _check_text_message(path: Path, kind: str, text: str) -> None:
    if kind not in BY_TEXT:
        raise ConfigError(f"{path}: [{kind}] can wait and is not sent as a text message: take its sms out")
    _check_words(path, kind, text, TEXT_WORDS)
    rest = (SIGNATURE + text).format_map({name: "某" * most for name, most in TEXT_WORDS.items()})
    if len(rest) + SHORTEST_TITLE > LONGEST:
        most = LONGEST - SHORTEST_TITLE
        raise ConfigError(f"{path}: [{kind}] sms is {len(rest)} characters long beside its title, {most} at most")
