"""The file of texts, as an admin may leave it: any slip is one line that names file and place, never a traceback."""

from pathlib import Path

import pytest

from app.config import ConfigError
from app.wechat import replies

PAGES = {
    "activities.index": "https://volunteer.example.org/activities",
    "accounts.confirm_log_in": "https://volunteer.example.org/login/confirm/",
}
GOOD = (
    '[log_in]\ntext = "{confirm}"\n[follow]\ntext = "hi"\n[help]\ntext = "help"\n'
    '[links]\nact = {page = "activities.index", text = "活动"}\n'
)


def taps(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "texts.toml"
    path.write_text(text, encoding="utf-8")
    return dict(replies.load(path, PAGES).taps)


@pytest.mark.parametrize("text", ["a { b", "a } b", "a {} b", "{"])
def test_a_brace_that_names_nothing_is_a_brace(tmp_path: Path, text: str) -> None:
    assert taps(tmp_path, f'{GOOD}[tap.x]\ntext = "{text}"\n') == {"x": text}


def test_a_word_in_braces_becomes_a_link(tmp_path: Path) -> None:
    made = taps(tmp_path, f'{GOOD}[tap.x]\ntext = "{{act}}!"\n')
    assert made == {"x": f'<a href="{PAGES["activities.index"]}">活动</a>!'}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{GOOD}[tap.x]\ntext = "{{nope}}"\n', "[tap.x] uses {nope}"),
        (f'{GOOD}[tap.x]\ntext = "{{act.page}}"\n', "[tap.x] uses {act.page}"),
        (f'{GOOD}[tap.x]\ntext = "{{act:>999999999}}"\n', "[tap.x] uses {act:>999999999}"),
        (f'{GOOD}bad = {{page = ["a"]}}\n[tap.x]\ntext = "{{bad}}"\n', "[tap.x] uses {bad}"),
        (f'scene = "x"\n{GOOD}', "[scene] must be a table"),
        (f'{GOOD}[[tap]]\ntext = "x"\n', "[tap] must be a table"),
        (f'{GOOD}[keyword]\nwords = ["a"]\ntext = "b"\n', "[[keyword]]"),
        (f'{GOOD}[[keywrod]]\nwords = ["a"]\ntext = "b"\n', "no section keywrod"),
        (f'{GOOD}[[keyword]]\nwords = []\ntext = "b"\n', "keyword 1 needs words"),
        (f'{GOOD}[tap.x]\ntext = "{"活" * 683}"\n', "2049 bytes"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        taps(tmp_path, text)
    assert said in str(told.value)
    assert "texts.toml" in str(told.value)
    assert "\n" not in str(told.value)
