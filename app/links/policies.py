"""政策文件: Markdown files in a folder that an admin fills, each with a head of TOML between two lines of +++.

A document has its attachments in a folder beside it that is named like it: `measures.md`, `measures/form.xlsx`.
"""

import mimetypes
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
#: What may be offered beside a document; nothing that a browser would run.
ATTACHMENTS = (
    ".pdf",
    ".doc",
    ".docx",
    ".xls",
    ".xlsx",
    ".ppt",
    ".pptx",
    ".zip",
    ".txt",
    ".csv",
    ".jpg",
    ".png",
    ".ofd",
    ".wps",
)
LARGEST_DOCUMENT = 1_000_000
TEXTS = {"title": 200, "number": 60, "issuer": 100, "category": 20, "replaced_by": 80}


class PolicyFault(Exception):
    """What is wrong with a file, in a line that names file and line."""


@dataclass(frozen=True)
class Attachment:
    name: str
    size: int
    media_type: str


@dataclass(frozen=True)
class Policy:
    """A document: title, 文号, issuing body, date, category, text, and what replaced it if it is no longer in force."""

    slug: str
    title: str
    number: str
    issuer: str
    issued_on: date | None
    category: str
    replaced_by: str
    text: str

    @property
    def is_in_force(self) -> bool:
        return not self.replaced_by


def read(path: Path) -> Policy:
    """Raises PolicyFault."""
    if not SLUG.fullmatch(path.stem):
        raise PolicyFault(
            f"{path}: the name of the file must be small letters, digits and dashes, as in measures-2026.md"
        )
    try:
        if path.stat().st_size > LARGEST_DOCUMENT:
            raise PolicyFault(f"{path}: larger than {LARGEST_DOCUMENT} bytes: put tables and scans into attachments")
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyFault(f"{path}: cannot be read as UTF-8: {error}") from None
    parts = re.match(r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*\r?$\n?(.*)", content, re.DOTALL | re.MULTILINE)
    if parts is None:
        raise PolicyFault(f"{path}:1: must begin with a head between two lines of +++")
    try:
        head = tomllib.loads(parts[1])
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line ([0-9]+)", str(error))
        raise PolicyFault(f"{path}:{int(found[1]) + 1 if found else 1}: {error}") from None
    _check_head(path, parts[1], head)
    texts = {name: str(head.get(name, "")).strip() for name in TEXTS}
    issued_on = head.get("date")
    return Policy(slug=path.stem, issued_on=issued_on, text=parts[2], **texts)


def _check_head(path: Path, written: str, head: dict[str, Any]) -> None:
    def line_of(name: str) -> int:
        lines = written.splitlines()
        return next((number for number, line in enumerate(lines, 2) if line.strip().startswith(name)), 1)

    for name in sorted(set(head) - set(TEXTS) - {"date"}):
        raise PolicyFault(f"{path}:{line_of(name)}: there is no {name}; known are {', '.join([*TEXTS, 'date'])}")
    for name, most in TEXTS.items():
        value = head.get(name, "")
        if not isinstance(value, str) or len(value) > most:
            raise PolicyFault(f"{path}:{line_of(name)}: {name} must be a text of at most {most} characters")
    if not str(head.get("title", "")).strip():
        raise PolicyFault(f"{path}:1: title is missing")
    if "date" in head and type(head["date"]) is not date:
        raise PolicyFault(f"{path}:{line_of('date')}: date must be a day, as in date = 2026-03-05")


def all_policies(folder: Path) -> list[Policy]:
    """Those that can be read: those in force first, the newest first. A faulty one does not hide the others."""
    return sorted(_readable(folder), key=lambda policy: (not policy.is_in_force, -_day(policy), policy.slug))


def _day(policy: Policy) -> int:
    return (policy.issued_on or date.min).toordinal()


def _readable(folder: Path) -> Iterator[Policy]:
    for path in sorted(folder.glob("*.md")):
        try:
            yield read(path)
        except PolicyFault as fault:
            log.warning("policy_left_out", fault=str(fault))


def matching(policies: Sequence[Policy], *, text: str = "", category: str = "") -> list[Policy]:
    """Those of the category that have all words of the text in title, number, issuer or body."""
    words = text.casefold().split()

    def fits(policy: Policy) -> bool:
        whole = f"{policy.title} {policy.number} {policy.issuer} {policy.text}".casefold()
        return (not category or policy.category == category) and all(word in whole for word in words)

    return [policy for policy in policies if fits(policy)]


def find_policy(folder: Path, slug: str) -> Policy | None:
    path = folder / f"{slug}.md"
    if not SLUG.fullmatch(slug) or not path.is_file():
        return None
    try:
        return read(path)
    except PolicyFault:
        return None


def replaces(folder: Path, slug: str) -> list[Policy]:
    """The documents that this one took the place of."""
    return [policy for policy in all_policies(folder) if policy.replaced_by == slug]


def attachments(folder: Path, slug: str) -> list[Attachment]:
    beside = folder / slug
    if not SLUG.fullmatch(slug) or not beside.is_dir():
        return []
    return [_attachment(path) for path in sorted(beside.iterdir()) if is_attachment(path)]


def is_attachment(path: Path) -> bool:
    """A plain file of a kind that may be offered; what is hidden or leads elsewhere is not."""
    return path.is_file() and not path.is_symlink() and path.suffix.lower() in ATTACHMENTS and path.name[0] != "."


def _attachment(path: Path) -> Attachment:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Attachment(path.name, path.stat().st_size, media_type)
