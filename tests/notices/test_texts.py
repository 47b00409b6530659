"""The words of notices: each kind can be told in the chat, and by a template when the chat is closed."""

import tomllib

import pytest

from app.config import ROOT, ConfigError
from app.notices.texts import BY_TEXT, KINDS, load

PATH = ROOT / "replies" / "notices.toml"
VALUES = dict.fromkeys(("title", "time", "starts", "place", "until", "reason", "other", "role"), "某" * 30)


def test_every_kind_has_a_template_and_there_is_no_other_kind():
    entries = tomllib.loads(PATH.read_text(encoding="utf-8"))
    assert set(entries) == KINDS
    assert [kind for kind in KINDS if not entries[kind].get("template")] == []


def test_every_template_says_something():
    texts = load(PATH, {})
    assert [kind for kind in KINDS if not all(texts.template_values(kind, VALUES).values())] == []


def test_every_text_message_fits_into_one_and_says_what_it_is_about():
    texts = load(PATH, {})
    for kind in BY_TEXT:
        words, fields = texts.text_message(kind, VALUES, "volunteer.example.org")
        assert len(words) <= 70, (kind, words)
        assert fields["title"].startswith("某" * 7), kind
        assert "site" not in fields


def test_what_can_wait_has_no_text_message():
    texts = load(PATH, {})
    assert {kind for kind in KINDS if texts.may_be_text(kind)} == BY_TEXT


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("[organizer_message]\ntext = '文'\nsms = '{title}留言'", "can wait"),
        ("[activity_cancelled]\ntext = '文'\nsms = '{title}取消：{reason}'", "unknown words: reason"),
        ("[activity_cancelled]\ntext = '文'\nsms = '{title}" + "长" * 60 + "'", "characters long"),
    ],
)
def test_words_that_a_text_message_may_not_have_stop_the_start(tmp_path, entry, told):
    entries = tomllib.loads(PATH.read_text(encoding="utf-8"))
    kind = entry[1 : entry.index("]")]
    others = "".join(f"[{name}]\ntext = '文'\n" for name in entries if name != kind)
    path = tmp_path / "notices.toml"
    path.write_text(f"{others}{entry}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load(path, {})


def test_a_template_for_no_text_message_stops_the_start():
    load(PATH, {}, {"place_offered", "hand_over", "fresh_proof"})
    with pytest.raises(ConfigError, match=r"sms\.templates\.organizer_message"):
        load(PATH, {}, {"organizer_message"})


def test_a_value_that_nobody_gave_is_a_dash_in_a_template():
    texts = load(PATH, {})
    values = texts.template_values("activity_cancelled", {"title": "科普讲座", "starts": "2026年11月28日 09:00"})
    assert set(values.values()) == {"科普讲座", "2026年11月28日 09:00", "—"}
