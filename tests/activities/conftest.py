from datetime import timedelta

import pytest

from app.organizations.models import Role
from tests.factories import add_admin, publishing_form


@pytest.fixture
def good(clock):
    """The form of an activity three days from now."""
    return publishing_form(clock.now() + timedelta(days=3))


@pytest.fixture
def admin(world, team):
    """The organisation's owner, at its pages."""
    return world.browser(team.admin)


@pytest.fixture
def boss(world, team):
    """The organisation's owner, who proved their phone a moment ago."""
    return world.browser(team.admin, proved=True)


@pytest.fixture
def colleague(world, team):
    """Another admin of the organisation."""
    return world.do(lambda: add_admin(team, Role.ADMIN))


@pytest.fixture
def two_are_many(world):
    """Two people are very many here."""
    with world.settings(limits={"export_rows": 1}):
        yield
