"""The words of notices, read from a file that an admin edits."""

import string
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.config import ConfigError

#: What people are told of.
KINDS = {
    "id_number_tried",
    *("sign_up_confirmed", "sign_up_pending", "sign_up_waitlisted", "place_offered", "offer_ended"),
    *("sign_up_rejected", "sign_up_removed", "sign_up_withdrawn", "leave_granted", "leave_refused"),
    *("activity_changed", "activity_overlaps", "activity_cancelled", "organizer_message", "put_on_list"),
    *("organization_registered", "organization_below", "organization_submitted", "organization_waiting"),
    *("organization_approved", "organization_returned", "organization_rejected"),
    *("change_waiting", "change_accepted", "change_refused"),
    *("organization_moved", "organization_merged", "organization_suspended", "organization_resumed"),
    *("organization_deactivated", "admin_invited", "admin_joined", "admin_changed", "admin_removed", "owner_changed"),
    *("activity_to_review", "activity_accepted", "activity_sent_back"),
    *("membership_accepted", "membership_rejected", "membership_removed"),
    *("membership_imported", "membership_undone"),
    *("appeal_waits", "appeal_upheld", "appeal_dismissed"),
}
#: What a notice may say; `link` is made from the notice's path and the entry's own word for it.
WORDS = {"title", "time", "starts", "place", "until", "reason", "other", "role", "link"}
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


def _cut(key: str, text: str) -> str:
    longest = TEMPLATE_LIMITS.get(key.rstrip("0123456789"))
    text = " ".join(text.split())
    return text if longest is None or len(text) <= longest else text[: longest - 1] + "…"


def load(path: Path, templates: Mapping[str, str]) -> NoticeTexts:
    """Read and check the file, and that the account's templates are for notices there are.

    Raises ConfigError, in one line that names file and entry.
    """
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
            unknown = {name for _, name, _, _ in string.Formatter().parse(str(text)) if name} - WORDS
            if unknown:
                raise ConfigError(f"{path}: [{kind}] has unknown words: {', '.join(sorted(unknown))}")
    return NoticeTexts(entries)
