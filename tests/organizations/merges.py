"""A merge, as a press of whoever acts for the organisation above."""

from app.accounts.models import Account
from app.context import here
from app.database import session
from app.organizations import merging
from app.organizations.models import Organization


def find(team):
    return session.get_one(Organization, team.id)


def actor(team):
    return session.get_one(Account, team.admin.account_id)


def merge(above, merged, successor, *, keeps_admins=True):
    def act():
        how = {
            "keeps_admins": keeps_admins,
            "reason": "并入",
            "actor": actor(above),
            "deepest": 6,
            "now": here.clock.now(),
        }
        merging.merge(find(above), merged.uid, successor.uid, **how)

    return act
