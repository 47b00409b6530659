from datetime import timedelta

import pytest

from tests.factories import publishing_form


@pytest.fixture
def good(clock):
    """The form of an activity three days from now."""
    return publishing_form(clock.now() + timedelta(days=3))


@pytest.fixture
def admin(world, team):
    """The organisation's owner, at its pages."""
    return world.browser(team.admin)
