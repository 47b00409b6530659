"""What organisers may not decide for themselves, and what is written down of what they decide for others."""

import pytest
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.activities.models import SignUp
from app.database import session
from app.organizations.models import Role
from tests import factories
from tests.pages import read

REFUSED = "要由组织里另一位管理员处理"


def place(event, path):
    return f"/organization/activities/{event.id}{path}"


def number_of(world, person):
    return world.one(select(SignUp.id).where(SignUp.volunteer_id == person.volunteer_id))


def state(world, person):
    return world.one(select(SignUp.state).where(SignUp.volunteer_id == person.volunteer_id))


def written(world, person):
    about = (AuditEntry.account_id == person.account_id, AuditEntry.topic.startswith("activity:"))
    query = select(AuditEntry).where(*about).order_by(AuditEntry.id)
    return world.do(lambda: [(row.action, row.actor_id, row.detail, row.topic) for row in session.scalars(query)])


@pytest.fixture
def lead(world, team):
    """Of the organisation, and a volunteer like others."""
    return world.do(lambda: factories.create_volunteer(phone=factories.add_admin(team, Role.LEAD).phone))


@pytest.mark.parametrize("answer", ["answer/approve", "refuse/reject"])
def test_nobody_judges_their_own_sign_up(world, team, lead, answer):
    event = world.activity(team, approval_mode="review")
    world.do(lambda: factories.signed_up(event, lead))
    path = place(event, f"/sign-ups/{number_of(world, lead)}/{answer}")
    refusal = world.browser(lead).post(path, {"reason": "看一看"})
    assert refusal.status_code in (403, 422)
    assert REFUSED in refusal.text
    assert state(world, lead) == "pending"
    assert world.browser(team.admin).post(path, {"reason": "满了"}).status_code == 303
    assert state(world, lead) != "pending"


@pytest.mark.parametrize("answer", ["grant-leave", "refuse-leave"])
def test_nobody_answers_their_own_wish_for_leave(world, team, lead, clock, answer):
    event = world.activity(team, cancel_deadline_at=clock.now())
    world.do(lambda: factories.signed_up(event, lead))
    browser = world.browser(lead)
    browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/withdraw", {"why": "health"})
    path = place(event, f"/sign-ups/{number_of(world, lead)}/answer/{answer}")
    assert browser.post(path).status_code == 403
    assert world.one(select(SignUp.leave_asked_at)) is not None
    assert world.browser(team.admin).post(path).status_code == 303
    assert written(world, lead)[-1][:3] == (
        "leave.granted" if answer == "grant-leave" else "leave.refused",
        team.admin.account_id,
        f"{event.title}：身体不舒服",
    )


@pytest.fixture
def queue(world, team, lead):
    """One place, which is free, and two who wait for it: somebody else longer than the lead."""
    event = world.activity(team, quota=1, waitlist_limit=5, waitlist_mode="by_hand")
    holder, other = world.volunteer(), world.volunteer()
    for person in (holder, other, lead):
        world.do(lambda person=person: factories.signed_up(event, person))
    world.do(lambda: factories.withdrawn(event, holder))
    return event, other


def test_nobody_gives_themselves_a_place_past_one_who_waits_longer(world, team, lead, queue):
    event, _ = queue
    path = place(event, f"/sign-ups/{number_of(world, lead)}/give-place")
    refusal = world.browser(lead).post(path, {"reason": "我会手语"})
    assert refusal.status_code == 422
    assert "有人比您等得更久" in read(refusal).alerts[0]
    assert state(world, lead) == "waitlisted"
    assert world.browser(team.admin).post(path, {"reason": "会手语"}).status_code == 303
    assert state(world, lead) == "offered"


def test_whoever_is_next_may_take_their_turn(world, lead, queue):
    event, other = queue
    world.do(lambda: factories.withdrawn(event, other))
    assert world.browser(lead).post(place(event, f"/shifts/{event.shift_id}/next")).status_code == 303
    assert state(world, lead) == "offered"


@pytest.mark.parametrize("mode", ["at_once", "review"])
def test_nobody_puts_themselves_on_the_list_where_others_wait_or_are_judged(world, team, lead, mode):
    assert world.do(lambda: factories.join(lead, team)) == "active"
    event = world.activity(team, quota=1, waitlist_limit=5, waitlist_mode="by_hand", approval_mode=mode)
    holder = world.volunteer()
    if mode == "at_once":
        for person in (holder, world.volunteer()):
            world.do(lambda person=person: factories.signed_up(event, person))
        world.do(lambda: factories.withdrawn(event, holder))
    refusal = world.browser(lead).post(place(event, "/roster/add"), {"person": lead.phone, "reason": "我来"})
    assert refusal.status_code == 422
    assert "不能把自己直接加入名单" in read(refusal).alerts[0]
    assert state(world, lead) is None


def test_where_nobody_waits_a_lead_is_on_the_list_of_their_own_activity(world, team, lead):
    assert world.do(lambda: factories.join(lead, team)) == "active"
    event = world.activity(team, recruit_scope="closed")
    answer = world.browser(lead).post(place(event, "/roster/add"), {"person": lead.phone, "reason": "我带队"})
    assert answer.status_code == 303
    assert state(world, lead) == "confirmed"


DECISIONS = {
    "answer/approve": ("sign_up.confirmed", ""),
    "refuse/reject": ("sign_up.rejected", "：没有联系上"),
    "refuse/remove": ("sign_up.removed", "：没有联系上"),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_who_decided_about_a_sign_up_and_why_is_written_down_once(world, team, volunteer, decision):
    event = world.activity(team, approval_mode="review")
    world.do(lambda: factories.signed_up(event, volunteer))
    path = place(event, f"/sign-ups/{number_of(world, volunteer)}/{decision}")
    browser = world.browser(team.admin)
    for _ in range(2):
        assert browser.post(path, {"reason": "没有联系上"}).status_code == 303
    action, reason = DECISIONS[decision]
    entry = (action, team.admin.account_id, f"{event.title}{reason}", f"activity:{event.id}")
    assert written(world, volunteer) == [entry]
