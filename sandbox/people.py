"""The people who hold the phone."""

import re
import secrets
import string
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULTS = Path(__file__).with_name("people.toml")
OPENID_ALPHABET = string.ascii_letters + string.digits + "_-"


@dataclass
class Person:
    """One WeChat user, as the account and WeChat know them."""

    id: str
    name: str
    phone: str
    openid: str
    following: bool = False
    followed_at: float = 0
    # Kept after un-following: WeChat greets a newcomer and a returner alike, the phone does not.
    subscribe_scene: str = ""
    qr_scene: int = 0
    qr_scene_str: str = ""
    remark: str = ""
    tags: list[int] = field(default_factory=list)
    # What lets the account write first (customer-service windows), by the kind of action that opened it.
    windows: dict[str, dict[str, float]] = field(default_factory=dict)
    last_action_at: float = 0
    # Subscription messages accepted and not yet used, by template id.
    acceptances: dict[str, int] = field(default_factory=dict)
    refused_templates: list[str] = field(default_factory=list)
    consented: bool = False
    cookies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def virtual_openid(self) -> str:
        """Who this person is on a snapshot page: a stranger, but always the same one."""
        return "o" + self.openid[:0:-1]


def new_openid() -> str:
    return "o" + "".join(secrets.choice(OPENID_ALPHABET) for _ in range(27))


def default_people() -> dict[str, Person]:
    """The people of people.toml by id."""
    return {row["id"]: Person(**row) for row in _defaults()["person"]}


def default_templates() -> dict[str, dict[str, str]]:
    """The message templates of people.toml by id."""
    return {row["id"]: row for row in _defaults()["template"]}


def _defaults() -> dict[str, Any]:
    return tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))


def person_faults(name: str, phone: str, person_id: str | None) -> str | None:
    """Why a new person cannot be made, in words for the page, or None."""
    if not name or len(name) > 20:
        return "请填写姓名（不超过 20 个字）"
    if not re.fullmatch(r"1\d{10}", phone):
        return "请填写 11 位手机号"
    if person_id is not None and not re.fullmatch(r"[a-z0-9_-]{1,40}", person_id):
        return "id 只能用小写字母、数字、下划线和短横"
    return None
