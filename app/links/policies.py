"""Policy documents: Markdown files that an admin puts into a folder, each headed by its facts between +++ lines."""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import structlog

log = structlog.get_logger()

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,80}")


@dataclass(frozen=True)
class Policy:
    slug: str
    title: str
    number: str
    issuer: str
    issued_on: date | None
    text: str


def all_policies(folder: Path) -> list[Policy]:
    """Every readable document, the newest first. One that cannot be read is left out and logged."""
    found = (_read(path) for path in sorted(folder.glob("*.md"))) if folder.is_dir() else ()
    return sorted((policy for policy in found if policy), key=lambda policy: policy.issued_on or date.min, reverse=True)


def find_policy(folder: Path, slug: str) -> Policy | None:
    path = folder / f"{slug}.md"
    return _read(path) if SLUG.fullmatch(slug) and path.is_file() else None


def _read(path: Path) -> Policy | None:
    try:
        head, text = path.read_text(encoding="utf-8").removeprefix("+++\n").split("\n+++\n", 1)
        facts = tomllib.loads(head)
        issued_on = facts.get("date")
        return Policy(
            slug=path.stem,
            title=str(facts["title"]),
            number=str(facts.get("number", "")),
            issuer=str(facts.get("issuer", "")),
            issued_on=issued_on if isinstance(issued_on, date) else None,
            text=text,
        )
    except (OSError, ValueError, KeyError) as error:
        log.warning("policy_unreadable", file=path.name, reason=str(error))
        return None
