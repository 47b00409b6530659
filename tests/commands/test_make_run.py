"""What `make run` says before it touches anything, when it cannot run as it was asked to."""

import errno
import os
import socket
import subprocess
import sys

import pytest

from app import config
from app.config import ROOT
from app.notices.texts import KINDS, load
from sandbox.people import default_templates
from sandbox.values import checked_values
from scripts.run import beside, environment, free_port, make_settings

MOMENT = "2026年11月23日 10:00"


def run(tmp_path, **variables):
    settings = {"STVS_CONFIG": "", "STVS_DATABASE__URL": f"sqlite:///{tmp_path}/stvs.db", **variables}
    words = [sys.executable, "-m", "scripts.run"]
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []
    (line,) = done.stderr.splitlines()
    return line


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_named_with_the_variable_that_changes_it(tmp_path, taken, name):
    line = run(tmp_path, **{"PORT": "18999", "SANDBOX_PORT": "18998", name: taken})
    assert f"port {taken} is taken" in line
    assert f"{name}=" in line


def test_a_port_that_is_none_is_told(tmp_path):
    assert run(tmp_path, PORT="abc") == "PORT must be a number from 1 to 65535, not 'abc'"


def test_one_port_for_both_is_told(tmp_path):
    assert "must differ" in run(tmp_path, PORT="18999", SANDBOX_PORT="18999")


def test_a_port_that_only_root_may_use_is_not_called_taken(tmp_path, monkeypatch):
    def refuse(listener, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setenv("PORT", "80")
    with pytest.raises(SystemExit, match=r"^port 80 cannot be had: Permission denied; .* PORT=8000 make run$"):
        free_port("PORT", "8000")


@pytest.mark.parametrize(("port", "offered"), [("8000", "8100"), ("65500", "65400"), ("65535", "65435")])
def test_the_port_that_is_offered_instead_is_one(monkeypatch, port, offered):
    def refuse(listener, address):
        raise OSError(errno.EADDRINUSE, "Address already in use")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setenv("PORT", port)
    with pytest.raises(SystemExit, match=rf"^port {port} is taken: .* PORT={offered} make run$"):
        free_port("PORT", "8000")


@pytest.mark.parametrize(
    ("ports", "named"),
    [
        (("8000", "8001"), ""),
        (("9000", "8001"), "STVS_SITE__PUBLIC_URL=http://127.0.0.1:9000"),
        (("8000", "9001"), "STVS_WECHAT__API_URL=http://127.0.0.1:9001"),
        (("8000", "9001"), "STVS_SMS__URL=http://127.0.0.1:9001/sandbox/sms"),
    ],
    ids=" ".join,
)
def test_other_ports_than_those_of_the_settings_come_with_the_line_for_flask_commands(
    tmp_path, monkeypatch, ports, named
):
    """`flask menu diff` typed beside `SANDBOX_PORT=9001 make run` must ask that sandbox."""
    for name in list(os.environ):
        if name.startswith("STVS_"):
            monkeypatch.delenv(name)
    make_settings(tmp_path / "config.toml")
    monkeypatch.setenv("STVS_CONFIG", str(tmp_path / "config.toml"))
    filed = config.load()
    for name, value in environment(*ports).items():
        monkeypatch.setenv(name, value)
    told = beside(filed)
    assert bool(told) == bool(named)
    assert named in told
    if named:
        exported = dict(pair.split("=", 1) for pair in told.rpartition("export ")[2].split())
        assert exported.items() <= environment(*ports).items()


def test_no_kind_of_notice_is_without_a_template_under_make_run(tmp_path, monkeypatch):
    make_settings(tmp_path / "config.toml")
    monkeypatch.setenv("STVS_CONFIG", str(tmp_path / "config.toml"))
    templates = config.load().notices.templates
    assert set(templates) == KINDS
    texts, known = load(ROOT / "replies" / "notices.toml", templates), default_templates()
    values = dict.fromkeys(("title", "place", "until", "reason", "other", "role"), "某" * 30)
    for kind, template in templates.items():
        said = texts.template_values(kind, values | {"starts": MOMENT, "time": MOMENT})
        assert known[template]["kind"] == "template"
        assert checked_values(known[template]["content"], said), kind
