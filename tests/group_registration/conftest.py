"""An admin who brings sheets, and the worker who does something about them."""

import io

import pytest

from app.group_registration import jobs
from tests.group_registration.sheets import book

PAGE = "/organization/volunteers/import"


@pytest.fixture(autouse=True)
def uploads(world, tmp_path):
    with world.settings(content={"uploads": str(tmp_path / "uploads")}):
        yield tmp_path / "uploads"


@pytest.fixture
def boss(world, team):
    return world.browser(team.admin, proved=True)


@pytest.fixture
def send(boss):
    """Send a sheet as the admin; gives the answer."""

    def act(data, name="名单.xlsx", browser=None):
        return (browser or boss).post(PAGE, {"sheet": (io.BytesIO(data), name)})

    return act


@pytest.fixture
def work(world):
    """Let the worker do all that waits."""
    return lambda: world.do(jobs.work)


@pytest.fixture
def checked(send, work, boss):
    """Send rows and have them checked; gives the address of the sheet's page."""

    def act(rows):
        answer = send(book(rows))
        assert answer.status_code == 303, answer.get_data(as_text=True)
        work()
        return answer.location

    return act


@pytest.fixture
def imported(checked, work, boss):
    """Send rows, confirm and import them; gives the address of the sheet's page."""

    def act(rows):
        address = checked(rows)
        assert boss.post(f"{address}/confirm").status_code == 303
        work()
        return address

    return act
