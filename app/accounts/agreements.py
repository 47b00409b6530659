"""The texts that people accept: files templates/agreements/<document>.<version>.md. All versions stay readable."""

import re
from functools import cache
from pathlib import Path

from app.errors import NotFound

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "agreements"

VOLUNTEER_AGREEMENT = "volunteer-agreement"
ORGANIZATION_AGREEMENT = "organization-agreement"
PRIVACY_NOTICE = "privacy-notice"
#: Consent of its own for the ID number, which the law calls sensitive (PIPL 29).
ID_NUMBER_CONSENT = "id-number-consent"

TITLES = {
    VOLUNTEER_AGREEMENT: "科技志愿者注册协议",
    ORGANIZATION_AGREEMENT: "科技志愿服务组织注册协议",
    PRIVACY_NOTICE: "隐私政策",
    ID_NUMBER_CONSENT: "证件号码收集说明",
}


@cache
def versions(document: str) -> list[str]:
    """All versions of a text, the one in force last."""
    names = (re.fullmatch(rf"{document}\.([0-9-]+)\.md", path.name) for path in FOLDER.iterdir())
    return sorted(name[1] for name in names if name)


def current(*documents: str) -> dict[str, str]:
    """The version in force of each text."""
    return {document: versions(document)[-1] for document in documents}


def any_renewed() -> bool:
    """Whether any text ever had another version: else nobody needs to be asked about."""
    return any(len(versions(document)) > 1 for document in TITLES)


def text(document: str, version: str) -> str:
    """The Markdown of a version. Raises NotFound."""
    if document not in TITLES or version not in versions(document):
        raise NotFound
    return (FOLDER / f"{document}.{version}.md").read_text(encoding="utf-8")
