"""No page asks the database more often because there is more to show."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.database import in_transaction, session
from app.governance.models import Appeal
from app.organizations import membership, tree
from app.organizations.models import MembershipState, Role
from app.organizations.wishes import Invitation
from app.privacy import new_uid
from app.web.guards import audience_of
from tests.factories import (
    add_admin,
    create_activity,
    create_member,
    create_organization,
    create_volunteer,
    signed_up,
)

#: More than any page has a reason to ask.
MOST = 20


@contextmanager
def counted(app):
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    engine = app.extensions["database"]
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def lists(world, root, team, volunteer, first, sub_team):
    """Each page with a list, and who looks at it."""
    return {
        "/activities": world.browser(),
        "/activities?phase=all": world.browser(volunteer),
        "/activities?phase=ongoing&sort=places": world.browser(volunteer),
        "/activities?phase=all&q=讲座": world.browser(),
        "/organization/volunteers?q=者": world.browser(team.admin),
        "/organization/volunteers?q=测&below=1": world.browser(root.admin),
        f"/activities/{first.id}": world.browser(volunteer),
        "/volunteer/activities": world.browser(volunteer),
        "/volunteer": world.browser(volunteer),
        "/volunteer/register": world.browser(world.account()),
        "/organization/activities": world.browser(team.admin),
        f"/organization/activities/{first.id}": world.browser(team.admin),
        "/organization": world.browser(root.admin),
        "/organization/below": world.browser(root.admin),
        f"/organization/below/{team.uid}/activities": world.browser(root.admin),
        "/organization/admins": world.browser(team.admin),
        f"/organization/teams/{sub_team}?q=": world.browser(team.admin),
        "/organization/reviews": world.browser(root.admin),
        "/organization/appeals": world.browser(root.admin),
        "/organization/edit": world.browser(team.admin),
        "/organizations": world.browser(),
        f"/organizations/{team.uid}": world.browser(),
        "/organization/register": world.browser(world.account()),
    }


def leave_to_be_answered(team, person, now):
    """One more invitation of the organisation, and one more appeal against it."""
    times = {"created_at": now, "expires_at": now + timedelta(days=3)}
    whose = {"organization_id": team.id, "invited_by_id": team.admin.account_id}
    session.add(Invitation(role="lead", token_hash=new_uid(), **whose, **times))
    tree.lock_tree()
    gone = membership.find_membership(team.id, person.volunteer_id)
    membership.move(gone, MembershipState.REMOVED, now=now)
    whose = {"membership_id": gone.id, "account_id": person.account_id, "organization_path": gone.organization_path}
    session.add(Appeal(**whose, against_at=now, asked_at=now, words="请再看看"))


@pytest.mark.parametrize("rows", [18])
def test_pages_ask_as_often_for_many_rows_as_for_two(world, app, root, team, volunteer, clock, rows):
    first = world.activity(team, quota=0)
    world.do(lambda: signed_up(first, volunteer))
    made = 1
    answer = world.browser(team.admin).post("/organization/teams/new", {"name": "青年队"})
    sub_team = answer.location.rpartition("/")[2]

    def grow(to):
        nonlocal made
        for number in range(made, to):
            activity = create_activity(team, starts_at=clock.now() + timedelta(days=4 + number), quota=0)
            signed_up(activity, volunteer)
            signed_up(first, create_volunteer())
            create_organization(root, review="parent")
            add_admin(team, Role.LEAD)
            create_member(team)
            create_organization(root)
            gone = create_member(team)
            in_transaction(lambda gone=gone: leave_to_be_answered(team, gone, clock.now()))
        made = to

    pages = lists(world, root, team, volunteer, first, sub_team)

    def asked():
        counts = {}
        for path, browser in pages.items():
            with counted(app) as statements:
                browser.page(path)
            counts[path] = len(statements)
        return counts

    world.do(lambda: grow(2))
    asked()  # once a log-in it is asked whether somebody acts for several
    few = asked()
    world.do(lambda: grow(rows))
    assert asked() == few
    assert max(few.values()) <= 16


def plain_pages(app):
    """Every page whose address needs nothing filled in: also those that are made tomorrow."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    pages = {rule.rule for rule in rules if audience_of(app, rule.endpoint) != "machine"}
    return sorted(pages - {"/wechat/oauth"})  # exchanges a code with WeChat


def test_every_page_of_every_person_asks_as_often_for_many_rows_as_for_two(world, app, root, team, volunteer, clock):
    first = world.activity(team, quota=0)
    world.do(lambda: signed_up(first, volunteer))
    people = [world.browser(), *(world.browser(person) for person in (volunteer, team.admin, root.admin))]
    made = 1

    def grow(to):
        nonlocal made
        for number in range(made, to):
            activity = create_activity(team, starts_at=clock.now() + timedelta(days=4 + number), quota=0)
            signed_up(activity, volunteer)
            signed_up(first, create_volunteer())
            create_organization(root, review="parent")
            add_admin(team, Role.LEAD)
            create_member(team)
            create_organization(root)
        made = to

    def asked():
        counts = {}
        for number, browser in enumerate(people):
            for path in plain_pages(app):
                with counted(app) as statements:
                    browser.client.get(path)
                counts[number, path] = len(statements)
        return counts

    world.do(lambda: grow(3))
    asked()  # what is made by the first look, such as a draft, is there now
    few = asked()
    world.do(lambda: grow(16))
    assert {key: (few[key], many) for key, many in asked().items() if many > few[key]} == {}
    assert max(few.values()) <= MOST
