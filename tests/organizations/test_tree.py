"""The tree: moving, merging, suspending; paths, depths and counters that stay right, whatever happens at once."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, select

from app.accounts.models import Account, AuditEntry
from app.activities.models import Activity
from app.context import here
from app.database import in_transaction, session
from app.errors import AppError, NotFound
from app.governance.models import Appeal
from app.models import metadata
from app.notices.models import Notice
from app.organizations import membership, merging, moving, queries, suspending, teams, tree
from app.organizations.errors import CannotMerge, MovedTooDeep, StaysWhereItIs, WouldLoop
from app.organizations.models import (
    Membership,
    MembershipState,
    Organization,
    OrganizationAdmin,
    OrganizationState,
    Role,
    Team,
    TeamMember,
)
from app.organizations.recount import recount
from tests import factories
from tests.pages import read

OPTIONS = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


def act(work):
    """Done in one transaction, as a page does it."""
    return in_transaction(work)


def who(team):
    return session.get_one(Account, team.admin.account_id)


def at(team):
    return session.get_one(Organization, team.id)


def move(above, branch, parent, **more):
    facts = {"reason": "调整属地", "deepest": here.config.limits.organization_depth, "now": here.clock.now()}
    return act(lambda: moving.move(at(above), branch.uid, parent.uid, actor=who(above), **(facts | more)).id)


def merge(above, merged, successor, *, keeps_admins=True):
    facts = {"reason": "机构改革", "deepest": here.config.limits.organization_depth, "now": here.clock.now()}
    return act(
        lambda: (
            merging.merge(at(above), merged.uid, successor.uid, keeps_admins=keeps_admins, actor=who(above), **facts).id
        )
    )


def suspend(above, team, reason="材料不实"):
    act(lambda: suspending.suspend(at(above), team.uid, reason=reason, actor=who(above), now=here.clock.now()).id)


def check_tree():
    """Nothing kept differs from what would be counted; no circle, nothing too deep."""
    assert recount(mends=False) == []
    assert session.scalar(select(func.max(Organization.depth))) <= here.config.limits.organization_depth
    session.rollback()


@pytest.fixture
def cities(world, root):
    return [world.organization(root) for _ in range(2)]


def test_a_branch_moves_with_all_below_it(world, app, root, cities):
    west, east = cities
    branch = world.organization(west)
    leaf = world.organization(branch)
    world.do(lambda: factories.create_member(leaf))
    world.do(lambda: factories.create_member(branch))
    world.do(lambda: move(root, branch, east))
    row = world.rows(select(Organization.path, Organization.depth).where(Organization.id == leaf.id))[0]
    assert row == (f"/{root.id}/{east.id}/{branch.id}/{leaf.id}/", 4)
    counts = {
        team.id: world.one(select(Organization.subtree_members_count).where(Organization.id == team.id))
        for team in (root, west, east, branch, leaf)
    }
    assert list(counts.values()) == [2, 0, 2, 2, 1]
    world.do(check_tree)
    told = {row[0] for row in world.rows(select(Notice.account_id).where(Notice.kind == "organization_moved"))}
    assert told == {branch.admin.account_id, west.admin.account_id, east.admin.account_id}
    assert world.rows(select(AuditEntry.topic).where(AuditEntry.action == "organization.move")) == [
        (f"organization:{branch.id}",)
    ]


def test_an_appeal_against_a_removal_goes_where_its_organisation_goes(world, root, cities):
    west, east = cities
    branch = world.organization(west)
    person = world.do(lambda: factories.create_member(branch))

    def appeal():
        tree.lock_tree()
        gone = membership.find_membership(branch.id, person.volunteer_id)
        membership.move(gone, MembershipState.REMOVED, now=here.clock.now())
        now, path = here.clock.now(), at(branch).path
        facts = {"membership_id": gone.id, "account_id": person.account_id, "organization_path": path}
        session.add(Appeal(**facts, against_at=now, asked_at=now, words="请再看看"))

    world.do(lambda: act(appeal))
    judged, mark = {team.id: world.browser(team.admin) for team in cities}, world.one(select(Appeal.uid))
    assert mark in judged[west.id].page("/organization/appeals").html
    world.do(lambda: move(root, branch, east))
    assert mark not in judged[west.id].page("/organization/appeals").html
    assert mark in judged[east.id].page("/organization/appeals").html
    world.do(lambda: merge(root, branch, west))
    paths = select(Appeal.organization_path)
    assert world.rows(paths) == [(west.path,)]


def test_what_cannot_move_says_why_and_stays(world, root, cities):
    west, east = cities
    branch = world.organization(west)
    leaf = world.organization(branch)
    with pytest.raises(WouldLoop):
        world.do(lambda: move(root, west, leaf))
    with pytest.raises(WouldLoop):
        world.do(lambda: move(root, west, west))
    with pytest.raises(StaysWhereItIs):
        world.do(lambda: move(root, branch, west))
    with pytest.raises(MovedTooDeep):
        world.do(lambda: move(root, west, east, deepest=4))
    for above, moved in ((root, root), (east, branch), (branch, west), (west, west)):
        with pytest.raises(NotFound):
            world.do(lambda above=above, moved=moved: move(above, moved, east))
    world.do(check_tree)


def test_two_opposite_moves_at_once_make_no_circle(world, root, cities):
    west, east = cities
    for _ in range(3):
        moves = [lambda: move(root, west, east), lambda: move(root, east, west)]
        outcomes = world.at_once(moves)
        assert len([outcome for outcome in outcomes if isinstance(outcome, AppError)]) == 1
        assert [
            outcome for outcome in outcomes if isinstance(outcome, Exception) and not isinstance(outcome, AppError)
        ] == []
        world.do(check_tree)
        lower = west if isinstance(outcomes[1], AppError) else east
        world.do(lambda lower=lower: move(root, lower, root))


def test_joining_registering_and_moving_at_once_keep_every_count_right(world, root, cities):
    west, east = cities
    branch = world.organization(west)
    people = [world.volunteer() for _ in range(4)]

    def join(person):
        return lambda: factories.join(person, branch)

    works = [*(join(person) for person in people), lambda: move(root, branch, east)]
    works += [lambda: factories.create_organization(branch).id for _ in range(2)]
    assert [outcome for outcome in world.at_once(works) if isinstance(outcome, Exception)] == []
    world.do(check_tree)
    assert world.one(select(Organization.subtree_members_count).where(Organization.id == east.id)) == 4


def test_a_merge_takes_along_members_teams_activities_and_organisations_below(world, root, cities):
    west, east = cities
    below = world.organization(west)
    both, only = world.do(lambda: factories.create_member(west)), world.do(lambda: factories.create_member(west))
    world.do(lambda: factories.join(both, east))
    event = world.activity(west)
    for team in cities:
        world.do(
            lambda team=team: act(
                lambda: teams.create(at(team), "青年队", "", actor=who(team), now=here.clock.now()).id
            )
        )
    world.do(lambda: merge(root, west, east))
    mine = world.rows(
        select(Membership.volunteer_id, Membership.state, Membership.came_from_id)
        .where(Membership.organization_id == east.id)
        .order_by(Membership.volunteer_id)
    )
    assert mine == [(both.volunteer_id, "active", None), (only.volunteer_id, "active", west.id)]
    assert world.one(select(Activity.organization_id).where(Activity.id == event.id)) == east.id
    assert world.one(select(Organization.parent_id).where(Organization.id == below.id)) == east.id
    names = world.rows(select(Team.name).where(Team.organization_id == east.id).order_by(Team.id))
    assert sorted(names) == sorted([("青年队",), (f"青年队（{west.name[:20]}）",)])
    state, successor = world.rows(
        select(Organization.state, Organization.merged_into_id).where(Organization.id == west.id)
    )[0]
    assert (state, successor) == ("merged", east.id)
    told = {row[0] for row in world.rows(select(Notice.account_id).where(Notice.kind == "organization_merged"))}
    assert told == {team.admin.account_id for team in cities} | {both.account_id, only.account_id}
    world.do(check_tree)


@pytest.mark.parametrize(("keeps", "role"), [(True, "admin"), (False, None)])
def test_the_merged_ones_admins_become_admins_or_lose_their_rights(world, root, cities, keeps, role):
    west, east = cities
    lead = world.do(lambda: factories.add_admin(west, Role.LEAD))
    browser = world.browser(west.admin)
    assert browser.get("/organization").status_code == 200
    world.do(lambda: merge(root, west, east, keeps_admins=keeps))

    def role_of(person):
        query = select(OrganizationAdmin.role).where(
            OrganizationAdmin.organization_id == east.id, OrganizationAdmin.account_id == person.account_id
        )
        return world.one(query)

    assert role_of(west.admin) == role
    assert role_of(lead) == ("lead" if keeps else None)
    assert world.rows(select(OrganizationAdmin.id).where(OrganizationAdmin.organization_id == west.id)) == []
    answer = browser.get("/organization")
    assert (east.name in read(answer).text) if keeps else (answer.status_code == 303)


def test_who_was_removed_from_the_successor_does_not_come_back_by_a_merge(world, root, cities):
    west, east = cities
    person = world.do(lambda: factories.create_member(west))
    world.do(lambda: factories.join(person, east))

    def remove():
        tree.lock_tree()
        mine = membership.find_membership(east.id, person.volunteer_id)
        membership.move(mine, MembershipState.REMOVED, now=here.clock.now())

    def found():
        team = teams.create(at(west), "青年队", "", actor=who(west), now=here.clock.now())
        session.add(TeamMember(team_id=team.id, volunteer_id=person.volunteer_id, joined_at=here.clock.now()))

    world.do(lambda: act(remove))
    world.do(lambda: act(found))
    world.do(lambda: merge(root, west, east))
    query = select(Membership.state).where(Membership.organization_id == east.id)
    assert world.rows(query) == [("removed",)]
    assert world.rows(select(TeamMember.team_id)) == []
    world.do(check_tree)


def test_what_cannot_be_merged(world, root, cities):
    west, east = cities
    leaf = world.organization(west)
    for merged, successor in ((west, leaf), (west, west)):
        with pytest.raises(CannotMerge):
            world.do(lambda merged=merged, successor=successor: merge(root, merged, successor))
    with pytest.raises(NotFound):
        world.do(lambda: merge(root, root, east))
    world.do(lambda: merge(root, west, east))
    with pytest.raises(AppError):
        world.do(lambda: merge(root, west, east))
    with pytest.raises(CannotMerge):
        world.do(lambda: merge(root, east, west))


def test_every_table_says_what_a_merge_does_with_its_rows():
    """A new table that refers to an organisation is moved (`info`), or app/organizations/merging.py sees to it."""
    referring = {
        table.name
        for table in metadata.sorted_tables
        if any(key.column.table.name == "organizations" for key in table.foreign_keys)
    }
    moved = {table.name for table in metadata.sorted_tables if table.info.get("merge") == "move"}
    seen_to = {"organizations", "memberships", "organization_admins", "teams", "invitations", "organization_changes"}
    seen_to |= {"registration_calls"}
    assert referring - moved == seen_to


def test_a_chain_of_merges_leads_to_the_last_one(world, root, cities):
    west, east = cities
    third = world.organization(root)
    world.do(lambda: merge(root, west, east))
    world.do(lambda: merge(root, east, third))
    assert set(world.rows(select(Organization.merged_into_id).where(Organization.state == "merged"))) == {(third.id,)}
    page = world.browser(root.admin).page(f"/organization/below/{west.uid}")
    assert f"已并入“{third.name}”" in page.text


def test_a_suspended_organisation_publishes_nothing_and_takes_no_sign_ups(world, root, team, volunteer):
    event = world.activity(team)
    late = world.volunteer()
    world.do(lambda: factories.signed_up(event, volunteer))
    world.do(lambda: suspend(root, team))
    admin, person = world.browser(team.admin), world.browser(late)
    assert "材料不实" in admin.page("/organization").text
    answer = admin.get("/organization/activities/new")
    assert answer.status_code == 403
    assert "上级暂停" in read(answer).text
    assert "材料不实" in read(answer).text
    page = person.page(f"/activities/{event.id}")
    assert "主办组织已暂停活动" in page.text
    assert "立即报名" not in page.text
    answer = person.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up")
    assert answer.status_code == 409
    assert "主办组织已暂停活动" in read(answer).text
    assert "已报名" in world.browser(volunteer).page(f"/activities/{event.id}").text
    told = world.rows(select(Notice.account_id, Notice.values).where(Notice.kind == "organization_suspended"))
    assert [(account_id, values["reason"]) for account_id, values in told] == [(team.admin.account_id, "材料不实")]

    above = world.browser(root.admin)
    answer = above.post(f"/organization/below/{team.uid}/standing/resume", {"reason": "已经改正"})
    assert answer.status_code == 303
    assert person.post(f"/activities/{event.id}/shifts/{event.shift_id}/sign-up").status_code == 303
    assert admin.get("/organization/activities/new").status_code == 200


def test_an_owner_pauses_and_goes_on_by_themselves_but_not_after_a_suspension(world, app, root, team):
    browser = world.browser(team.admin, proved=True)
    assert browser.post("/organization/pause", {"reason": "换届"}).status_code == 303
    assert world.one(select(Organization.state).where(Organization.id == team.id)) == "deactivated"
    assert browser.post("/organization/resume").status_code == 303
    assert world.one(select(Organization.state).where(Organization.id == team.id)) == "approved"
    world.do(lambda: suspend(root, team))
    assert browser.post("/organization/resume").status_code == 409
    top = world.browser(root.admin, proved=True)
    assert top.post("/organization/pause", {"reason": "换届"}).status_code == 422
    assert world.one(select(Organization.state).where(Organization.id == root.id)) == "approved"


def test_a_reason_is_needed_and_what_was_typed_stays(world, root, team):
    answer = world.browser(root.admin).post(f"/organization/below/{team.uid}/standing/suspend", {"reason": "错"})
    assert answer.status_code == 422
    assert read(answer).of("reason").value == "错"
    assert world.one(select(Organization.state).where(Organization.id == team.id)) == "approved"


def test_an_admin_moves_and_merges_on_the_pages(world, root, cities):
    west, east = cities
    branch = world.organization(west)
    browser = world.browser(root.admin, proved=True)
    page = browser.page(f"/organization/below/{branch.uid}/move")
    assert east.name in page.text
    answer = browser.post(f"/organization/below/{branch.uid}/move", {"parent": east.uid, "reason": "属地调整"})
    assert answer.status_code == 303
    assert world.one(select(Organization.parent_id).where(Organization.id == branch.id)) == east.id
    form = {"successor": west.uid, "admins": "keep", "reason": "机构改革"}
    answer = browser.post(f"/organization/below/{branch.uid}/merge", form)
    assert "不能撤回" in read(answer).of("understood").errors[0]
    assert read(answer).of("successor").value == west.uid
    assert browser.post(f"/organization/below/{branch.uid}/merge", form | {"understood": "y"}).status_code == 303
    assert world.one(select(Organization.merged_into_id).where(Organization.id == branch.id)) == west.id


def test_merging_asks_for_a_fresh_proof(world, root, team):
    answer = world.browser(root.admin).get(f"/organization/below/{team.uid}/merge")
    assert answer.status_code == 303
    assert answer.location.startswith("/login/prove")


def test_recount_finds_what_was_spoilt_and_mends_it(world, app, root, team):
    world.do(lambda: factories.create_member(team))

    def spoil():
        row = at(team)
        row.members_count, row.depth, row.path = 7, 5, "/9/"
        session.scalars(select(Membership)).one().organization_path = "/8/"

    world.do(lambda: act(spoil))
    run = app.test_cli_runner().invoke
    told = run(args=["organizations", "recount"])
    assert told.exit_code == 1
    for what in ("members_count is 7, should be 1", "depth is 5", "path is /9/", "organization_path is /8/"):
        assert what in told.output
    assert run(args=["organizations", "recount", "--mend"]).exit_code == 0
    assert run(args=["organizations", "recount"]).output.strip() == "nothing differs"


class Tree(RuleBasedStateMachine):
    """Whatever is done in whatever order: the tree is a tree, and what is kept of it is what would be counted."""

    world = None

    def __init__(self):
        super().__init__()
        self.world.do(factories.empty)
        self.root = self.world.organization()
        self.teams = [self.root]
        self.people = []

    def some(self, number):
        return self.teams[number % len(self.teams)]

    def attempt(self, work):
        """A refusal is an answer; anything else is a fault."""
        try:
            return self.world.do(work)
        except AppError:
            return None

    @precondition(lambda self: len(self.teams) < 14)
    @rule(number=st.integers(0, 99))
    def register(self, number):
        made = self.attempt(lambda: factories.create_organization(self.some(number)))
        self.teams += [made] if made else []

    @rule(number=st.integers(0, 99), parent=st.integers(0, 99))
    def move(self, number, parent):
        self.attempt(lambda: move(self.root, self.some(number), self.some(parent)))

    @rule(number=st.integers(0, 99), other=st.integers(0, 99), keeps=st.booleans())
    def merge(self, number, other, keeps):
        self.attempt(lambda: merge(self.root, self.some(number), self.some(other), keeps_admins=keeps))

    @rule(number=st.integers(0, 99))
    def suspend(self, number):
        self.attempt(lambda: suspend(self.root, self.some(number)))

    @rule(number=st.integers(0, 99))
    def resume(self, number):
        team = self.some(number)
        again = {"reason": "改正", "now": here_now(self.world)}
        self.attempt(lambda: act(lambda: suspending.resume(at(self.root), team.uid, actor=who(self.root), **again).id))

    @precondition(lambda self: len(self.people) < 6)
    @rule()
    def volunteer(self):
        self.people.append(self.world.volunteer())

    @precondition(lambda self: self.people)
    @rule(person=st.integers(0, 99), number=st.integers(0, 99))
    def join(self, person, number):
        self.attempt(lambda: factories.join(self.people[person % len(self.people)], self.some(number)))

    @precondition(lambda self: self.people)
    @rule(person=st.integers(0, 99), number=st.integers(0, 99))
    def leave(self, person, number):
        self.attempt(lambda: factories.leave(self.people[person % len(self.people)], self.some(number)))

    @invariant()
    def the_tree_is_right(self):
        self.world.do(check_tree)

    @invariant()
    def nothing_is_left_behind_in_what_was_merged(self):
        merged = select(Organization.id).where(Organization.state == OrganizationState.MERGED)
        held = select(func.count()).select_from(Membership)
        held = held.where(Membership.organization_id.in_(merged), Membership.state == MembershipState.ACTIVE)
        assert self.world.one(held) == 0
        assert self.world.one(select(Organization.id).where(Organization.parent_id.in_(merged)).limit(1)) is None

    @invariant()
    def nobody_is_in_one_organisation_twice(self):
        pair = (Membership.organization_id, Membership.volunteer_id)
        assert self.world.rows(select(*pair).group_by(*pair).having(func.count() > 1)) == []


def here_now(world):
    return world.do(lambda: here.clock.now())


def test_the_tree_stays_a_tree_in_whatever_order(world):
    class Machine(Tree):
        pass

    Machine.world = world
    # In one order each time: a run is a verdict. Other orders are tried by --hypothesis-seed without it.
    bounds = {"max_examples": 15, "stateful_step_count": 30}
    run_state_machine_as_test(Machine, settings=settings(OPTIONS, derandomize=True, **bounds))


def test_of_many_below_the_rest_is_loaded(world, root, monkeypatch):
    monkeypatch.setattr(queries, "BELOW", 2)
    top = world.organization(root)
    names = [world.organization(top).name for _ in range(5)]
    for browser, path in (
        (world.browser(top.admin), "/organization/below"),
        (world.browser(top.admin), "/organization/below?q=服务队"),
        (world.browser(root.admin), f"/organization/below/{top.uid}"),
    ):
        seen, address = [], path
        while address:
            page = browser.page(address)
            seen += [name for name in names if name in page.text]
            address = next((link for link in page.links if "after=" in link), "")
        assert seen == names
