"""The words of notices: each kind can be told in the chat, and by a template when the chat is closed."""

import tomllib

from app.config import ROOT
from app.notices.texts import KINDS, load

PATH = ROOT / "replies" / "notices.toml"
VALUES = dict.fromkeys(("title", "time", "starts", "place", "until", "reason", "other", "role"), "某" * 30)


def test_every_kind_has_a_template_and_there_is_no_other_kind():
    entries = tomllib.loads(PATH.read_text(encoding="utf-8"))
    assert set(entries) == KINDS
    assert [kind for kind in KINDS if not entries[kind].get("template")] == []


def test_every_template_says_something():
    texts = load(PATH, {})
    assert [kind for kind in KINDS if not all(texts.template_values(kind, VALUES).values())] == []


def test_a_value_that_nobody_gave_is_a_dash_in_a_template():
    texts = load(PATH, {})
    values = texts.template_values("activity_cancelled", {"title": "科普讲座", "starts": "2026年11月28日 09:00"})
    assert set(values.values()) == {"科普讲座", "2026年11月28日 09:00", "—"}
