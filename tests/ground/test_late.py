"""What a worker must not load at its start: libraries that only some pages and commands need."""

import subprocess
import sys

import pytest

from app import late
from app.config import ROOT

LATE = {*late.PARTS, "openpyxl", "wechatpy", "mako", "lxml"}


def test_the_application_starts_without_what_only_some_pages_need():
    asked = "import sys, app; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert LATE & set(done.stdout.split()) == set()


@pytest.mark.parametrize("name", late.PARTS)
def test_each_of_them_is_there_when_it_is_asked_for(name):
    assert getattr(late, name).__name__ == name


def test_nothing_else_is():
    with pytest.raises(AttributeError):
        _ = late.nothing
