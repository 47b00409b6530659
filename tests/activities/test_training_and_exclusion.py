"""Two conditions: a training or a certificate that one says one has, and activities of which one takes one."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.activities import enlisting, services
from app.activities.errors import EditedMeanwhile, Exclusive, TrainingNotConfirmed
from app.activities.models import Activity, SignUp
from app.activities.queries import find
from app.activities.sign_up import sign_up
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.volunteers.models import Volunteer
from tests.factories import activity_facts, create_member, signed_up
from tests.pages import read

DAY = timedelta(days=1)


def states(world, person):
    query = select(SignUp.activity_id, SignUp.state).where(SignUp.volunteer_id == person.volunteer_id)
    return world.rows(query.order_by(SignUp.activity_id))


def sent(admin, path, **more):
    """What the form of an edit sends when only these fields are touched."""
    page = admin.page(path)
    names = ("title", "starts_at", "ends_at", "region", "address", "quota", "leader_name", "leader_phone", "content")
    names = (*names, "scope_category", "training_required")
    form = {name: page.of(name).value for name in names} | {"target_groups": ["11"]}
    return form | {"exclusive_with": page.of("exclusive_with").chosen} | more


def exclude(world, admin, event, *others):
    uids = [world.one(select(Activity.uid).where(Activity.id == other.id)) for other in others]
    path = f"/organization/activities/{event.id}/edit"
    answer = admin.post(path, sent(admin, path, exclusive_with=uids))
    assert answer.status_code == 303, read(answer).alerts


def test_who_signs_up_says_that_they_have_the_training(world, team, volunteer):
    event = world.activity(team, training_required="急救员证")
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{event.id}")
    assert "要先有：急救员证" in page.text
    assert "我确认已具备：急救员证" in page.text
    address = f"/activities/{event.id}/shifts/{event.shift_id}/sign-up"
    answer = browser.post(address)
    assert answer.status_code == TrainingNotConfirmed.status
    assert "请先确认" in read(answer).alerts[0]
    assert browser.post(address, {"training": "y"}).status_code == 303
    assert world.one(select(SignUp.training_confirmed_at)) is not None


def test_a_training_that_is_asked_for_later_is_confirmed_by_one_press(world, team, admin, volunteer):
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    path = f"/organization/activities/{event.id}/edit"
    assert admin.post(path, sent(admin, path, training_required="岗前培训")).status_code == 303
    notice = select(Notice.values).where(Notice.kind == "conditions_changed")
    assert world.one(notice)["reason"] == "要先有：岗前培训"
    roster = f"/organization/activities/{event.id}/roster"
    assert "不符合报名条件：要先有：岗前培训" in admin.page(roster).text
    browser = world.browser(volunteer)
    page = browser.page(f"/activities/{event.id}").text
    assert "要求先有：岗前培训" in page
    assert "您现在不符合" not in page
    answer = browser.post(f"/activities/{event.id}/shifts/{event.shift_id}/confirm-training")
    assert answer.status_code == 303
    assert "我已具备" not in browser.page(f"/activities/{event.id}").text
    assert "不符合报名条件" not in admin.page(roster).text
    assert admin.post(path, sent(admin, path)).status_code == 303
    assert world.one(select(SignUp.training_confirmed_at)) is not None


def test_a_training_that_became_another_one_is_not_confirmed_from_an_older_page(world, team, admin, volunteer):
    event = world.activity(team)
    world.do(lambda: signed_up(event, volunteer))
    edit = f"/organization/activities/{event.id}/edit"
    assert admin.post(edit, sent(admin, edit, training_required="岗前培训")).status_code == 303
    browser = world.browser(volunteer)
    older = browser.page(f"/activities/{event.id}")
    assert admin.post(edit, sent(admin, edit, training_required="急救员证")).status_code == 303
    path = f"/activities/{event.id}/shifts/{event.shift_id}/confirm-training"
    answer = browser.post(path, {"edition": older.hidden["edition"]})
    page = read(answer)
    assert (answer.status_code, page.alerts) == (409, ["活动刚刚有变动，请看清后再按一次"])
    assert "要求先有：急救员证" in page.text
    assert world.one(select(SignUp.training_confirmed_at)) is None
    assert browser.post(path, {"edition": page.hidden["edition"]}).status_code == 303
    assert world.one(select(SignUp.training_confirmed_at)) is not None


def test_of_two_that_exclude_each_other_one_is_taken(world, team, admin, volunteer, clock):
    first, second = world.activity(team), world.activity(team, starts_at=clock.now() + 9 * DAY)
    exclude(world, admin, first, second)
    exclusive = select(Activity.exclusive_with).order_by(Activity.id)
    assert [ids for (ids,) in world.rows(exclusive)] == [[second.id], [first.id]]
    browser = world.browser(volunteer)
    assert second.title in browser.page(f"/activities/{first.id}").text
    world.do(lambda: signed_up(second, volunteer))
    assert f"您已报名“{second.title}”" in browser.page(f"/activities/{first.id}").text
    answer = browser.post(f"/activities/{first.id}/shifts/{first.shift_id}/sign-up")
    assert answer.status_code == Exclusive.status
    assert second.title in read(answer).alerts[0]
    assert states(world, volunteer) == [(second.id, "confirmed")]
    browser.post(f"/activities/{second.id}/shifts/{second.shift_id}/withdraw", {"why": "time"})
    assert browser.post(f"/activities/{first.id}/shifts/{first.shift_id}/sign-up").status_code == 303


def test_taken_back_on_one_side_it_is_so_on_both(world, team, admin, clock):
    first, second, third = (world.activity(team, starts_at=clock.now() + n * DAY) for n in (3, 5, 7))
    exclude(world, admin, first, second, third)
    exclude(world, admin, second)
    exclusive = select(Activity.exclusive_with).order_by(Activity.id)
    assert [ids for (ids,) in world.rows(exclusive)] == [[third.id], None, [first.id]]
    path = f"/organization/activities/{third.id}/edit"
    assert admin.page(path).of("exclusive_with").chosen == [
        world.one(select(Activity.uid).where(Activity.id == first.id))
    ]
    copy = admin.page(f"/organization/activities/new?copy={third.id}")
    assert copy.of("exclusive_with").chosen == []


def test_what_one_side_has_written_is_not_undone_by_an_older_page_of_the_other(world, team, admin, clock):
    first, second = (world.activity(team, starts_at=clock.now() + n * DAY) for n in (3, 5))
    path = f"/organization/activities/{first.id}/edit"
    opened = admin.page(path)
    exclude(world, admin, second, first)
    answer = admin.post(path, opened.sent(notice="带水。"))
    assert answer.status_code == 422
    assert "不能同时报名的活动" in read(answer).alerts[-1]
    exclusive = select(Activity.exclusive_with).order_by(Activity.id)
    assert [ids for (ids,) in world.rows(exclusive)] == [[second.id], [first.id]]
    assert admin.post(path, admin.page(path).sent(notice="带水。")).status_code == 303
    assert [ids for (ids,) in world.rows(exclusive)] == [[second.id], [first.id]]


def test_an_activity_of_others_cannot_be_excluded(world, root, team, admin):
    own, others = world.activity(team), world.activity(root)
    path = f"/organization/activities/{own.id}/edit"
    uid = world.one(select(Activity.uid).where(Activity.id == others.id))
    answer = admin.post(path, sent(admin, path, exclusive_with=[uid]))
    assert "从列表中选择" in " ".join(read(answer).alerts)
    assert world.one(select(Activity.exclusive_with).where(Activity.id == others.id)) is None


def test_both_pressed_at_once_are_one_sign_up(world, team, admin, volunteer, clock):
    events = [world.activity(team), world.activity(team, starts_at=clock.now() + 9 * DAY)]
    exclude(world, admin, *events)

    def press(event):
        return lambda: in_transaction(lambda: sign_up(event.shift_id, volunteer.volunteer_id, now=here.clock.now())[1])

    outcomes = world.at_once([press(event) for event in events * 2])
    assert len(states(world, volunteer)) == 1
    assert {type(one) for one in outcomes if isinstance(one, Exception)} == {Exclusive}


def test_an_organiser_does_not_put_somebody_into_both(world, team, admin, clock):
    first, second = world.activity(team), world.activity(team, starts_at=clock.now() + 9 * DAY)
    exclude(world, admin, first, second)
    member = world.do(lambda: create_member(team))
    world.do(lambda: signed_up(first, member))

    def put():
        person = session.get_one(Volunteer, member.volunteer_id)
        whose = {"actor_id": team.admin.account_id, "now": here.clock.now()}
        enlisting.put_on_list(find(second.id), second.shift_id, person, "请他来", **whose)

    with pytest.raises(Exclusive):
        world.do(lambda: in_transaction(put))


def test_who_was_in_both_before_stays_in_both(world, team, admin, volunteer, clock):
    first, second = world.activity(team), world.activity(team, starts_at=clock.now() + 9 * DAY)
    for event in (first, second):
        world.do(lambda event=event: signed_up(event, volunteer))
    exclude(world, admin, first, second)
    assert [state for _, state in states(world, volunteer)] == ["confirmed"] * 2


def test_two_edits_that_name_each_other_at_once_both_stand(world, team, clock):
    first, second = world.activity(team), world.activity(team, starts_at=clock.now() + 9 * DAY)

    def edit(event, other):
        def act():
            activity = find(event.id)
            same = {"title": activity.title, "starts_at": activity.starts_at, "ends_at": activity.ends_at}
            services.edit(activity, activity_facts(**same, exclusive_with=(other.id,)), now=here.clock.now())

        return lambda: in_transaction(act)

    edits = [edit(first, second), edit(second, first)]
    outcomes = world.at_once(edits)
    # Who read the activity before the other edit wrote to it, too, is told, and presses again: nothing is undone.
    told = [act for act, outcome in zip(edits, outcomes, strict=True) if isinstance(outcome, EditedMeanwhile)]
    assert len(told) < 2
    assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, EditedMeanwhile)]
    for act in told:
        world.do(act)
    exclusive = select(Activity.exclusive_with).order_by(Activity.id)
    assert [ids for (ids,) in world.rows(exclusive)] == [[second.id], [first.id]]
