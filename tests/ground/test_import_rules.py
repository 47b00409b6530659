"""What `make check` says when somebody imports what the house forbids (docs/architecture.md)."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT

BIN = Path(sys.executable).parent
#: Module of a topic, the line that is written into it, and what must be named by the contracts.
FORBIDDEN = [
    ("accounts/phone_codes.py", "from redis import Redis", "app.accounts.phone_codes -> redis"),
    ("doctor.py", "import fakeredis", "app.doctor -> fakeredis"),
    ("own_data.py", "import wechatpy", "app.own_data -> wechatpy"),
    ("notices/services.py", "from wechatpy.utils import to_text", "app.notices.services -> wechatpy"),
    ("accounts/phone_step.py", "import tencentcloud", "app.accounts.phone_step -> tencentcloud"),
    ("volunteers/services.py", "import flask", "app.volunteers.services -> flask"),
    ("activities/models.py", "from app.activities import services", "app.activities.models -> app.activities.services"),
    ("accounts/models.py", "from app.accounts import services", "app.accounts.models -> app.accounts.services"),
    ("activities/services.py", "from app.activities import forms", "app.activities.services -> app.activities.forms"),
    ("notices/jobs.py", "from app.wechat import client", "app.notices.jobs must not import app.wechat.client"),
    ("accounts/oauth.py", "from app.wechat import token", "app.accounts.oauth must not import app.wechat.token"),
    ("accounts/services.py", "from app.sms import http", "app.accounts.services must not import app.sms.http"),
    (
        "volunteers/views.py",
        "from app.accounts import forms",
        "app.volunteers.views must not import app.accounts.forms",
    ),
    ("demo/cli.py", "from app.links import views", "app.demo.cli must not import app.links.views"),
    (
        "activities/views.py",
        "from app.organizations import cli",
        "app.activities.views must not import app.organizations.cli",
    ),
    (
        "volunteers/queries.py",
        "from app.organizations import models",
        "app.volunteers.queries -> app.organizations.models",
    ),
    ("governance/models.py", "from app.governance import services", "app.governance.models -> app.governance.services"),
    (
        "governance/views.py",
        "from app.activities import views",
        "app.governance.views must not import app.activities.views",
    ),
    ("links/policies.py", "import app.reports.queries", "app.links.policies -> app.reports.queries"),
    ("web/urls.py", "import sandbox.clock", "app.web.urls -> sandbox.clock"),
]
#: Files that are made for the test: what a topic of tomorrow would have.
NEW = ["governance/__init__.py", "governance/services.py", "reports/__init__.py", "reports/queries.py"]
#: What the linter names by itself, for it is inside a module.
INSIDE = [
    ("import os\n\nHOME = os.environ['HOME']\n", "TID251"),
    ("from os import environ\n\nHOME = environ['HOME']\n", "TID251"),
    ("import os\n\nHOME = os.getenv('HOME')\n", "TID251"),
    ("def later() -> None:\n    from app import clock\n\n    print(clock)\n", "PLC0415"),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A copy of what the rules are about."""
    copy = tmp_path_factory.mktemp("house")
    for folder in ("app", "sandbox", "scripts"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (".importlinter", "pyproject.toml"):
        shutil.copy(ROOT / file, copy / file)
    return copy


def check_imports(folder):
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False
    )
    # What is named is folded where a line is long.
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_the_house_keeps_its_rules(house):
    code, told = check_imports(house)
    assert code == 0, told


@pytest.fixture(scope="module")
def told(house, tmp_path_factory):
    """What is said of a copy in which every forbidden line was written."""
    crooked = tmp_path_factory.mktemp("crooked") / "house"
    shutil.copytree(house, crooked)
    for name in NEW:
        (crooked / "app" / name).parent.mkdir(exist_ok=True)
        (crooked / "app" / name).touch()
    for name, line, _ in FORBIDDEN:
        path = crooked / "app" / name
        path.write_text(f"{path.read_text(encoding='utf-8') if path.exists() else ''}\n{line}\n", encoding="utf-8")
    code, told = check_imports(crooked)
    assert code != 0
    return told


@pytest.mark.parametrize(("name", "line", "named"), FORBIDDEN, ids=lambda value: value.replace("/", "."))
def test_a_forbidden_import_is_named(told, name, line, named):
    assert named in told


@pytest.mark.parametrize(("text", "rule"), INSIDE)
def test_what_the_linter_names(house, text, rule):
    path = house / "app" / "volunteers" / "crooked.py"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run([BIN / "ruff", "check", path], cwd=house, capture_output=True, text=True, check=False)
    path.unlink()
    assert rule in done.stdout
