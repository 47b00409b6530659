"""Commands on a database that is not there, empty, or elsewhere: one line, and nothing made by a look."""

import pytest

from app import create_app, migrate
from tests.conftest import make_settings


def product(url):
    return create_app(make_settings(database={"url": url}))


def run(app, *words):
    result = app.test_cli_runner().invoke(args=list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


COMMANDS = [
    ("demo",),
    ("worker",),
    ("privacy", "rotate"),
    ("privacy", "export", "--phone", "17012345678"),
    ("organizations", "create-root", "--name", "滨城总队", "--phone", "17012345678"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_without_tables_says_what_makes_them(empty_database, words):
    result = run(product(empty_database.url.render_as_string(hide_password=False)), *words)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "Error: the database needs `flask db upgrade`"


@pytest.mark.parametrize("words", [*COMMANDS, ("doctor",), ("db", "current")], ids=" ".join)
def test_a_mistyped_path_is_told_and_no_file_is_made(tmp_path, words):
    result = run(product(f"sqlite:///{tmp_path}/elsewhere/stvs.db"), *words)
    assert result.exit_code == 1
    assert f"there is no database {tmp_path}/elsewhere/stvs.db" in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_upgrade_makes_the_file_for_its_owner_alone(tmp_path):
    app = product(f"sqlite:///{tmp_path}/new/stvs.db")
    assert run(app, "db", "upgrade").exit_code == 0
    assert (tmp_path / "new" / "stvs.db").stat().st_mode & 0o777 == 0o600
    assert run(app, "db", "current").exit_code == 0


def test_a_revision_that_does_not_exist_is_told_in_a_line(app):
    result = run(app, "db", "downgrade", "nope")
    assert result.exit_code == 1
    assert "Error: there is no revision nope: there are base, 0001" in result.output
    assert "`flask db current`" in result.output
    assert len(result.output.splitlines()) == 1


def test_an_upgrade_to_a_revision_that_does_not_exist_makes_no_file(tmp_path):
    result = run(product(f"sqlite:///{tmp_path}/new/stvs.db"), "db", "upgrade", "nope")
    assert result.exit_code == 1
    assert "there is no revision nope" in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_site_without_tables_is_not_ready(empty_database):
    app = product(empty_database.url.render_as_string(hide_password=False))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["migrations"])
    migrate.upgrade(app.extensions["database"])
    assert app.test_client().get("/readyz").status_code == 200


def test_a_site_whose_program_is_newer_than_its_tables_is_not_ready(empty_database, monkeypatch):
    migrate.upgrade(empty_database)
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    app = product(empty_database.url.render_as_string(hide_password=False))
    assert app.test_client().get("/readyz").get_json()["missing"] == ["migrations"]


def test_a_site_that_was_ready_does_not_look_through_the_migrations_again(empty_database, monkeypatch):
    migrate.upgrade(empty_database)
    site = product(empty_database.url.render_as_string(hide_password=False)).test_client()
    assert site.get("/readyz").status_code == 200
    monkeypatch.setattr(migrate, "lack", pytest.fail)
    assert site.get("/readyz").status_code == 200
