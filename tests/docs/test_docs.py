"""What the READMEs and docs/ say is so: commands exist, links lead somewhere, both languages agree."""

import re
import tomllib
from pathlib import Path

import click
import pytest
from flask import Flask
from pydantic import BaseModel

from app.commands import register_commands
from app.config import ROOT, Config

READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
PAGES = [*READMES, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = ROOT / "config.example.toml"
WORD = r"[a-z][a-z-]*"
#: "`flask menu check`, `show`, `diff`": a list that goes on after its first command.
LIST = re.compile(rf"`flask ({WORD}) ({WORD})`((?:(?:, |、| and )`{WORD}`)+)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def code_of(text: str) -> str:
    """The parts that are written as code, a line each."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"(?<!`)`([^`]+)`(?!`)", text)])


def flask_commands(text: str) -> set[tuple[str, ...]]:
    """("menu", "push") of each `flask menu push` in the code of a page."""
    found = {
        tuple(filter(None, pair))
        for pair in re.findall(rf"(?:^|[\s/])flask ({WORD})(?: ({WORD})(?= |$|`))?", code_of(text), re.MULTILINE)
    }
    for group, _, more in LIST.findall(text):
        found |= {(group, name) for name in re.findall(rf"`({WORD})`", more)}
    return found


def make_targets(text: str) -> set[str]:
    return set(re.findall(rf"(?:^|\s)make ({WORD})", code_of(text), re.MULTILINE))


def existing_targets() -> set[str]:
    return set(re.search(r"^\.PHONY: (.+)$", text_of(ROOT / "Makefile"), re.MULTILINE)[1].split())


@pytest.fixture(scope="module")
def commands() -> dict[str, click.Command]:
    app = Flask("docs")
    register_commands(app)
    return app.cli.commands


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_command_that_a_page_names_exists(document, commands):
    for group, *rest in flask_commands(text_of(document)):
        assert group in commands, f"{document.name} names `flask {group}`"
        inside = getattr(commands[group], "commands", None)
        if rest and inside is not None:
            assert rest[0] in inside, f"{document.name} names `flask {group} {rest[0]}`"
    assert make_targets(text_of(document)) <= existing_targets()


def test_every_command_is_documented(commands):
    wanted = {
        (name, inner) if inner else (name,)
        for name, command in commands.items()
        for inner in getattr(command, "commands", {None: None})
    }
    said = set().union(*(flask_commands(text_of(page)) for page in PAGES))
    assert wanted - said == set()
    assert existing_targets() == make_targets(text_of(READMES[0]))


def test_both_languages_name_the_same_commands():
    english, chinese = map(text_of, READMES)
    assert flask_commands(english) == flask_commands(chinese)
    assert make_targets(english) == make_targets(chinese)


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_link_to_a_file_leads_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text_of(document))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert missing == []


def test_every_page_and_picture_can_be_found():
    linked = {(page.parent / link).resolve() for page in PAGES for link in re.findall(r"\]\(([^)#]+)", text_of(page))}
    assert {page for page in PAGES if page.parent.name == "docs"} <= linked
    assert ROOT / "docs" / "pictures" in linked


def test_pictures_are_light():
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    assert len(pictures) >= 14
    assert [path.name for path in pictures if path.stat().st_size > 150_000] == []


def test_the_example_has_the_settings_that_exist_and_no_other():
    example = tomllib.loads(text_of(EXAMPLE))
    sections: dict[str, type[BaseModel]] = {name: field.annotation for name, field in Config.model_fields.items()}
    assert {name: set(values) for name, values in example.items()} == {
        name: set(section.model_fields) for name, section in sections.items()
    }


def test_the_example_shows_the_defaults():
    example = tomllib.loads(text_of(EXAMPLE))
    #: What the example sets for production, and what an operator must replace.
    other = {"site.proxies", "wechat.max_push_age", "wechat.encoding_aes_key", "wechat.account_id"}
    for name, field in Config.model_fields.items():
        for key, setting in field.annotation.model_fields.items():
            if not setting.is_required() and f"{name}.{key}" not in other:
                assert example[name][key] == setting.get_default(call_default_factory=True), f"{name}.{key}"


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_no_page_names_a_place_on_somebodys_machine(document):
    assert re.findall(r"/home/\w+|/Users/\w+|/tmp/\w+", text_of(document)) == []


def test_the_walk_by_hand_names_people_that_exist():
    cast = {
        person["phone"]: person["name"] for person in tomllib.loads(text_of(ROOT / "sandbox/people.toml"))["person"]
    }
    for page in READMES:
        for phone, name in cast.items():
            assert phone in text_of(page)
            assert name in text_of(page)


def test_nginx_takes_what_the_site_takes():
    said = re.search(r"client_max_body_size ([0-9]+)k;", text_of(ROOT / "deploy/nginx.conf"))
    assert int(said[1]) * 1024 == tomllib.loads(text_of(EXAMPLE))["limits"]["form_bytes"]


def test_nginx_writes_no_query_strings():
    conf = text_of(ROOT / "deploy/nginx.conf")
    formats = "".join(line for line in conf.splitlines() if "log_format" in line)
    assert "$uri" in formats
    assert not re.search(r"\$(request|args|request_uri|query_string)\b", formats)
    assert all(" crit;" in line for line in conf.splitlines() if "error_log" in line and "#" not in line)
