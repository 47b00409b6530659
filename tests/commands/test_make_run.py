"""What `make run` says before it touches anything, when it cannot run as it was asked to."""

import os
import socket
import subprocess
import sys

import pytest

from app.config import ROOT


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
