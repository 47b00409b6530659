"""所属组织: joining one, and how many one may join."""

import pytest

from app.accounts.models import Account
from app.database import in_transaction, session
from app.organizations import services
from app.organizations.errors import TooManyOrganizations
from app.volunteers.services import find_volunteer


def join(world, person, team, most):
    def ask():
        account = session.get_one(Account, person.account_id)
        return services.join(find_volunteer(account.id), team.uid, most=most, now=account.created_at).state

    return world.do(lambda: in_transaction(ask))


def test_again_is_harmless_and_one_more_than_allowed_is_refused(world, root, team, volunteer):
    assert join(world, volunteer, team, 1) == join(world, volunteer, team, 1)
    with pytest.raises(TooManyOrganizations):
        join(world, volunteer, root, 1)
    assert join(world, volunteer, root, 2)
