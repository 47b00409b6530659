"""The parent looks at an activity before it is published, where the setting says so."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from app import files
from app.activities import campaigns
from app.activities.models import PICTURES, Activity, Shift
from app.context import here
from app.database import in_transaction, session
from app.notices.models import Notice
from app.organizations.models import OrganizationAdmin, Role
from app.privacy import new_uid
from app.web.forms import Moment
from tests.factories import add_admin, suspend
from tests.pages import read

PATH = "/organization/activities/new"


@pytest.fixture
def reviewed(world):
    with world.settings(activities={"review": "parent"}):
        yield


@pytest.fixture
def good(good):
    return good | {"shift_uid": "first-shift"}


@pytest.fixture
def admin(world, team, reviewed):
    return world.browser(team.admin)


@pytest.fixture
def judge(world, root, reviewed):
    return world.browser(root.admin)


def state(world):
    return world.rows(select(Activity.state, Activity.state_reason))[0]


def told(world, kind):
    return [one for (one,) in world.rows(select(Notice.account_id).where(Notice.kind == kind))]


@pytest.fixture
def path(world, admin, good):
    assert admin.post(PATH, good).status_code == 303
    return f"/organization/below/activities/{world.one(select(Activity.id))}/review"


def test_it_waits_for_the_parent_who_lets_it_pass(world, root, team, admin, judge, good, path, clock):
    assert state(world) == ("pending_review", "")
    assert told(world, "activity_to_review") == [root.admin.account_id]
    assert good["title"] not in world.browser().page("/activities?phase=all").text
    assert good["title"] in judge.page("/organization/below/activities").text
    page = judge.page(path)
    assert good["content"] in page.text
    assert "sign-up" not in page.html
    clock.advance(timedelta(hours=1))
    assert judge.post(path, {"action": "accept"}).status_code == 303
    assert state(world) == ("published", "")
    assert world.one(select(Activity.signup_start_at)) == world.one(select(Activity.published_at)) == clock.now()
    assert told(world, "activity_accepted") == [team.admin.account_id]
    assert good["title"] in world.browser().page("/activities").text


def test_it_comes_back_with_a_reason_and_can_be_sent_again(world, team, admin, judge, good, path):
    assert "请写明原因" in read(judge.post(path, {"action": "send-back"})).of("reason").errors[0]
    assert judge.post(path, {"action": "send-back", "reason": "请写清楚集合地点"}).status_code == 303
    assert state(world) == ("rejected", "请写清楚集合地点")
    assert told(world, "activity_sent_back") == [team.admin.account_id]
    activity_id = world.one(select(Activity.id))
    assert "请写清楚集合地点" in admin.page(f"/organization/activities/{activity_id}/preview").text
    assert admin.page(f"{PATH}?draft={activity_id}").of("title").value == good["title"]
    assert admin.post(PATH, good | {"content": "在活动室门口集合。"}).status_code == 303
    assert state(world) == ("pending_review", "")
    assert world.one(select(func.count()).select_from(Shift)) == 1
    assert judge.post(path, {"action": "accept"}).status_code == 303
    assert world.one(select(Activity.content)) == "在活动室门口集合。"


def test_two_who_judge_at_once_give_one_answer(world, root, admin, good, path):
    browsers = [world.browser(root.admin) for _ in range(4)]
    acts = [{"action": "accept"}, {"action": "send-back", "reason": "不合适"}] * 2
    world.at_once([lambda b=b, act=act: b.post(path, act) for b, act in zip(browsers, acts, strict=True)])
    kinds = [kind for (kind,) in world.rows(select(Notice.kind).where(Notice.kind != "activity_to_review"))]
    assert len(kinds) == 1
    assert state(world)[0] == {"activity_accepted": "published", "activity_sent_back": "rejected"}[kinds[0]]


def test_only_those_above_judge(world, root, team, admin, path):
    other = world.organization(root)
    for person in (other.admin, team.admin):
        assert world.browser(person).post(path, {"action": "accept"}).status_code == 404
    assert world.browser(world.do(lambda: add_admin(root, Role.LEAD))).post(path).status_code == 403
    assert state(world)[0] == "pending_review"


def test_what_is_too_late_cannot_be_let_pass(world, root, admin, path, clock):
    clock.advance(timedelta(days=4))
    answer = world.browser(root.admin).post(path, {"action": "accept"})
    assert "截止时间已经过了" in read(answer).alerts[0]
    assert state(world)[0] == "pending_review"


def test_the_root_publishes_at_once(world, judge, good):
    judge.post(PATH, good)
    assert state(world)[0] == "published"


def photo(colour):
    picture = BytesIO()
    Image.new("RGB", (300, 200), colour).save(picture, "JPEG")
    return FileStorage(BytesIO(picture.getvalue()), f"{colour}.jpg")


def shown(form):
    """What the page sends when nothing is touched."""
    return {name: value for name, value in form.items() if name != "declaration"}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "另一个名称", "活动名称"),
        ("content", "完全不同的内容", "活动内容"),
        ("address", "别的地方", "活动地点"),
        ("risk_text", "有台阶。", "活动风险"),
    ],
)
def test_what_the_parent_said_yes_to_stays(world, admin, judge, good, path, field, value, words):
    judge.post(path, {"action": "accept"})
    edit = f"/organization/activities/{world.one(select(Activity.id))}/edit"
    answer = admin.post(edit, shown(good) | {field: value})
    assert answer.status_code == 422
    assert words in read(answer).alerts[0]
    assert "取消后重新发布" in read(answer).alerts[0]
    assert world.one(select(Activity.title)) == good["title"]
    later = Moment.text(world.one(select(Activity.starts_at)) - timedelta(minutes=30))
    assert admin.post(edit, shown(good) | {"starts_at": later}).status_code == 422
    assert admin.post(edit, shown(good) | {"notice": "带水杯。", "quota": "30"}).status_code == 303
    assert world.rows(select(Activity.notice, Activity.content)) == [("带水杯。", good["content"])]


def test_nobody_judges_what_their_own_organisation_handed_in(world, root, team, admin, path):
    row = {"organization_id": team.id, "account_id": root.admin.account_id, "role": Role.ADMIN, "name": "带队者"}
    world.do(lambda: in_transaction(lambda: session.add(OrganizationAdmin(**row, created_at=here.clock.now()))))
    browser = world.browser(root.admin)
    browser.act_for(root)
    answer = browser.post(path, {"action": "accept"})
    assert answer.status_code == 422
    assert "其他管理员审核" in read(answer).alerts[0]
    assert state(world)[0] == "pending_review"


def test_nobody_judges_what_they_handed_in_also_when_they_have_left_since(world, root, team, good, reviewed, judge):
    """Who pressed is kept with the activity."""
    row = {"organization_id": team.id, "account_id": root.admin.account_id, "role": Role.ADMIN, "name": "带队者"}
    world.do(lambda: in_transaction(lambda: session.add(OrganizationAdmin(**row, created_at=here.clock.now()))))
    browser = world.browser(root.admin)
    browser.act_for(team)
    assert browser.post(PATH, good).status_code == 303
    assert world.one(select(Activity.handed_in_by_id)) == root.admin.account_id

    def leave():
        mine = (OrganizationAdmin.organization_id == team.id, OrganizationAdmin.account_id == root.admin.account_id)
        session.delete(session.scalars(select(OrganizationAdmin).where(*mine)).one())

    world.do(lambda: in_transaction(leave))
    path = f"/organization/below/activities/{world.one(select(Activity.id))}/review"
    for verdict in ({"action": "accept"}, {"action": "send-back", "reason": "不合适"}):
        answer = judge.post(path, verdict)
        assert "您自己提交" in read(answer).alerts[0]
    assert state(world)[0] == "pending_review"
    other = world.browser(world.do(lambda: add_admin(root, Role.ADMIN)))
    assert other.post(path, {"action": "accept"}).status_code == 303
    assert state(world)[0] == "published"


def test_not_many_more_come_than_the_parent_said_yes_to(world, admin, judge, good, path, volunteer):
    judge.post(path, {"action": "accept"})
    edit = f"/organization/activities/{world.one(select(Activity.id))}/edit"
    for quota in ("41", "0"):
        answer = admin.post(edit, shown(good) | {"quota": quota})
        assert "审核通过的是 20 人" in read(answer).of("quota").errors[0]
    for quota in ("40", "1"):
        assert admin.post(edit, shown(good) | {"quota": quota}).status_code == 303
    assert world.one(select(Shift.quota)) == 1
    shift_id = world.one(select(Shift.id))
    activity_id = world.one(select(Activity.id))
    world.browser(volunteer).post(f"/activities/{activity_id}/shifts/{shift_id}/sign-up")
    other = world.volunteer()
    assert admin.post(edit, shown(good) | {"quota": "2"}).status_code == 303
    world.browser(other).post(f"/activities/{activity_id}/shifts/{shift_id}/sign-up")
    answer = admin.post(edit, shown(good) | {"quota": "1"})
    assert "不能少于已报名" in read(answer).of("quota").errors[0]
    assert world.one(select(Shift.quota)) == 2


@pytest.mark.parametrize("taken_away", [True, False], ids=["taken away", "passed over"])
def test_a_shift_put_in_the_place_of_a_reviewed_one_is_not_what_was_let_pass(
    world, admin, judge, good, path, taken_away
):
    judge.post(path, {"action": "accept"})
    edit = f"/organization/activities/{world.one(select(Activity.id))}/edit"
    before = world.rows(select(Shift.uid, Shift.quota, Shift.removed_at))
    ((uid, *_),) = before
    other = {"shift_uid": new_uid(), "quota": "0", **({"removed": uid} if taken_away else {})}
    answer = admin.post(edit, shown(good) | other)
    assert answer.status_code == 422
    assert world.rows(select(Shift.uid, Shift.quota, Shift.removed_at)) == before


def test_what_is_no_verdict_changes_nothing(world, judge, path):
    answer = judge.post(path, {"action": "zzz", "reason": "不合适"})
    assert answer.status_code in (200, 422)
    assert state(world)[0] == "pending_review"


def test_what_waits_can_be_taken_back_and_sent_again(world, admin, judge, good, path):
    address = f"/organization/activities/{world.one(select(Activity.id))}"
    shown = admin.page(f"{address}/preview").text
    assert "撤回审核" in shown
    assert "报名已经结束" not in shown
    assert admin.post(f"{address}/take-back").status_code == 303
    assert state(world) == ("draft", "")
    judge.post(path, {"action": "accept"})
    assert state(world) == ("draft", "")
    assert admin.post(PATH, good).status_code == 303
    judge.post(path, {"action": "accept"})
    assert state(world) == ("published", "")
    assert admin.post(f"{address}/take-back").status_code == 409


def test_each_of_several_can_be_mended_by_itself(world, admin, judge, good, clock):
    start = clock.now() + timedelta(days=10)
    second = {
        "more_shifts-0-uid": "second",
        "more_shifts-0-starts_at": Moment.text(start),
        "more_shifts-0-ends_at": Moment.text(start + timedelta(hours=1)),
        "more_shifts-0-quota": "5",
        "is_apart": "y",
    }
    assert admin.post(PATH, good | second).status_code == 303
    for activity_id, starts_at in world.rows(select(Activity.id, Activity.starts_at)):
        address = f"/organization/below/activities/{activity_id}/review"
        assert judge.post(address, {"action": "send-back", "reason": "请写清楚"}).status_code == 303
        page = admin.page(f"{PATH}?draft={activity_id}")
        assert page.of("title").value == good["title"]
        assert page.of("starts_at").value == Moment.text(starts_at)
        assert "more_shifts-0-starts_at" not in page.fields


def test_why_it_came_back_stands_where_it_is_mended(world, admin, judge, good, path):
    assert judge.post(path, {"action": "send-back", "reason": "请写明集合地点"}).status_code == 303
    draft = f"{PATH}?draft={world.one(select(Activity.id))}"
    assert "上级没有通过：请写明集合地点" in admin.page(draft).text
    assert "请写明集合地点" in admin.page("/organization/activities?phase=draft").text
    assert "请写明集合地点" in read(admin.post(draft, good | {"title": ""})).text
    assert "请写明集合地点" not in admin.page(PATH).text


def handed(page, **changed):
    """What the judge's press sends: the edition that the page showed, too."""
    return {"revision": page.hidden["revision"], **changed}


def test_the_judge_lets_pass_only_what_they_saw(world, admin, judge, good, path):
    """Taken back, changed and handed in anew while the judge looked at the first."""
    page = judge.page(path)
    activity_id = world.one(select(Activity.id))
    assert admin.post(f"/organization/activities/{activity_id}/take-back").status_code == 303
    answer = judge.post(path, handed(page, action="accept"), follow_redirects=True)
    assert "对方已经撤回" in answer.text
    again = good | {"title": "另一个讲座", "content": "请带三千元。"}
    assert admin.post(PATH, again).status_code == 303
    for verdict in ({"action": "accept"}, {"action": "send-back", "reason": "请写清楚集合地点"}):
        answer = judge.post(path, handed(page, **verdict))
        assert answer.status_code == 409
        assert "请看过新的内容再审核" in read(answer).alerts[0]
        assert "请带三千元。" in answer.text
        assert state(world)[0] == "pending_review"
    assert judge.post(path, handed(read(answer), action="accept")).status_code == 303
    assert world.rows(select(Activity.title, Activity.state)) == [("另一个讲座", "published")]


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        ({"scope_category": "K2"}, "服务类别"),
        ({"target_groups": ["K1"]}, "服务对象"),
        ({"agreement": "请先交押金。"}, "服务协议"),
        ({"position": "116.3975,39.9087"}, "地图坐标"),
        ({"co_organizers": "市人民政府"}, "协办单位"),
        ({"shift_title": "收费体验课"}, "场次的名称"),
        ({"campaign": "CAMPAIGN"}, "主题活动日"),
        ({"is_major": "y"}, "重大活动"),
    ],
)
def test_what_it_is_for_and_what_is_agreed_stay_as_reviewed(world, admin, judge, good, path, changed, label):
    judge.post(path, {"action": "accept"})
    edit = f"/organization/activities/{world.one(select(Activity.id))}/edit"
    page = admin.page(edit)
    assert label in page.text.partition("审核通过后不能再改")[0]
    if "campaign" in changed:
        changed = {"campaign": world.do(campaigns.offers)[0][0]}
    answer = admin.post(edit, shown(good) | changed)
    assert answer.status_code == 422
    assert label in read(answer).alerts[0]
    assert admin.post(edit, shown(good) | {"leader_name": "王接手", "leader_phone": "17011114444"}).status_code == 303
    assert world.one(select(Activity.leader_name)) == "王接手"


def test_pictures_stay_as_reviewed_but_for_which_comes_first(world, admin, judge, good, tmp_path):
    with world.settings(content={"uploads": str(tmp_path)}):
        admin.post(PATH, good | {"pictures": [photo("red"), photo("blue")]})
        activity_id = world.one(select(Activity.id))
        judge.post(f"/organization/below/activities/{activity_id}/review", {"action": "accept"})
        both = world.do(lambda: [file.uid for file in files.of(PICTURES, activity_id)])
        edit = f"/organization/activities/{activity_id}/edit"
        for pictures in ([*both, photo("green")], both[:1]):
            answer = admin.post(edit, shown(good) | {"pictures": pictures})
            assert answer.status_code == 422
            assert "活动图片" in read(answer).alerts[0]
        assert admin.post(edit, shown(good) | {"pictures": both, "cover": both[1]}).status_code == 303
        assert world.one(select(Activity.cover)) == both[1]


def test_with_a_suspended_parent_the_next_one_above_is_told_and_judges(world, root, reviewed, good):
    parent = world.organization(root)
    child = world.organization(parent)
    world.do(lambda: suspend(parent, "suspended"))
    assert world.browser(child.admin).post(PATH, good).status_code == 303
    assert told(world, "activity_to_review") == [root.admin.account_id]
    path = f"/organization/below/activities/{world.one(select(Activity.id))}/review"
    assert world.browser(parent.admin).get(path).status_code == 403
    assert world.browser(root.admin).post(path, {"action": "accept"}).status_code == 303
