"""注册申请表: photographed, read by the few who judge it, each look written down, and gone when it is over."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from app import files
from app.accounts.models import Account, AuditEntry
from app.context import here
from app.database import in_transaction, session
from app.files import StoredFile
from app.organizations.models import APPLICATION, Organization, Role
from app.own_data import retention
from app.own_data import services as own_data
from tests.factories import add_admin
from tests.pages import read
from tests.uploads import give_pages as put_in
from tests.uploads import photo, send

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"
EDIT = "/organization/edit"
FIELD = "application"
LARGE = (3000, 2000)


@pytest.fixture(autouse=True)
def kept_in(folder):
    """None of these files lies where others are."""
    return folder


@pytest.fixture
def reviewed(world):
    with world.settings(organizations={"review": "parent"}):
        yield


def uids(world):
    order = (StoredFile.owner_id, StoredFile.position, StoredFile.id)
    return [uid for (uid,) in world.rows(select(StoredFile.uid).where(StoredFile.kind == APPLICATION).order_by(*order))]


def address(uid, size="large"):
    return f"/organization/applications/{uid}-{size}.jpg"


def looks(world):
    query = select(AuditEntry.actor_id, AuditEntry.account_id).where(AuditEntry.action == "application.viewed")
    return world.rows(query.order_by(AuditEntry.id))


def test_under_review_a_group_cannot_hand_in_without_it_and_nothing_is_lost(applicant, reviewed, good):
    page = read(applicant.post(PATH, good))
    assert any("注册申请表" in error for error in page.of(FIELD).errors)
    assert page.of("name").value == good["name"]
    again = applicant.page(PATH)
    assert (again.of("name").value, again.of("leader_phone").value) == (good["name"], good["leader_phone"])
    assert applicant.post(ADMIN, {}).location == PATH


def test_under_review_an_introduction_is_needed_too(applicant, reviewed, legal):
    page = read(applicant.post(PATH, legal | {"intro": ""}))
    assert page.of("intro").errors
    assert not page.of(FIELD).errors, "a legal body has its own papers"


def test_with_its_pages_it_is_handed_in_and_the_judge_reads_them(world, root, applicant, reviewed, good, admin_form):
    assert send(applicant, PATH, good, photo(size=LARGE), photo("red", size=LARGE), name=FIELD).location == ADMIN
    first, second = uids(world)
    assert applicant.page(PATH).of(FIELD).chosen == [first, second]
    assert applicant.get(address(first, "small")).status_code == 200
    assert applicant.post(ADMIN, admin_form).status_code == 303
    uid = world.one(select(Organization.uid).where(Organization.name == good["name"]))
    judge = world.browser(root.admin)
    page = judge.page(f"/organization/below/{uid}/review")
    assert [link for link in page.links if "applications" in link] == [address(first), address(second)]
    answer = judge.get(address(first))
    assert Image.open(BytesIO(answer.data)).size == (2000, 1333), "it can be read"
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_was_sent_stays_when_something_else_is_wrong(world, applicant, good):
    page = read(send(applicant, PATH, good | {"name": ""}, photo(), name=FIELD))
    assert page.of(FIELD).chosen == uids(world)
    assert applicant.post(PATH, good | {FIELD: uids(world)}).location == ADMIN


def test_without_review_it_may_follow_and_the_page_says_what_lacks(world, applicant, good, admin_form):
    applicant.post(PATH, good | {"intro": ""})
    assert "注册成功" in applicant.page(applicant.post(ADMIN, admin_form).location).text
    page = applicant.page("/organization")
    assert "还缺" in page.text
    assert {f"{EDIT}#application", f"{EDIT}#intro"} <= set(page.links)
    form = good | {"revision": applicant.page(EDIT).hidden["revision"]}
    assert send(applicant, EDIT, form, photo(), name=FIELD).status_code == 303
    page = applicant.page("/organization")
    assert "还缺" not in page.text
    assert address(uids(world)[0]) in page.links
    assert (
        "1 页"
        in world.do(lambda: session.scalar(select(AuditEntry).where(AuditEntry.action == "organization.edit"))).detail
    )


def test_a_form_that_is_sent_without_the_field_leaves_the_pages(world, team, good):
    (uid,) = put_in(world, team)
    owner = world.browser(team.admin)
    form = good | {"revision": owner.page(EDIT).hidden["revision"]}
    assert owner.post(EDIT, form).status_code == 303
    assert uids(world) == [uid]
    form["revision"] = owner.page(EDIT).hidden["revision"]
    assert send(owner, EDIT, form, name=FIELD, buffered=True).status_code == 303
    assert world.one(select(StoredFile.owner_id).where(StoredFile.uid == uid)) == team.id


def test_a_fourth_page_is_one_too_many(world, applicant, good):
    page = read(send(applicant, PATH, good, *(photo() for _ in range(4)), name=FIELD))
    assert any("最多 3 张" in error for error in page.of(FIELD).errors)


@pytest.mark.parametrize("data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", b""])
def test_what_is_no_picture_is_told_beside_the_field(world, applicant, good, data):
    sent = photo()
    sent.stream = BytesIO(data)
    assert any("换一张" in error for error in read(send(applicant, PATH, good, sent, name=FIELD)).of(FIELD).errors)
    assert uids(world) == []


def test_a_page_lies_sealed_and_without_what_the_photo_knew(world, team, kept_in):
    put_in(world, team)
    kept = [path for path in kept_in.glob("*/*") if path.is_file()]
    assert len(kept) == 2
    for path in kept:
        assert path.suffix == ".sealed"
        assert not path.read_bytes().startswith(b"\xff\xd8")
    data = world.browser(team.admin).get(address(uids(world)[0])).data
    assert not Image.open(BytesIO(data)).getexif()


def test_only_those_who_answer_for_it_and_those_who_judge_it_see_a_page(world, root):
    middle = world.organization(root)
    team = world.organization(middle)
    beside, below = world.organization(middle), world.organization(team)
    (uid,) = put_in(world, team)
    here_and_above = {
        (team, Role.ADMIN): 200,
        (team, Role.LEAD): 403,
        (team, Role.HELPER): 403,
        (middle, Role.ADMIN): 200,
        (middle, Role.LEAD): 403,
        (middle, Role.HELPER): 403,
        (beside, Role.ADMIN): 404,
        (below, Role.ADMIN): 404,
    }
    for size in ("large", "small"):
        for (organization, role), status in here_and_above.items():
            person = world.do(lambda one=organization, role=role: add_admin(one, role))
            assert world.browser(person).get(address(uid, size)).status_code == status, (organization, role)
        for organization, status in ((team, 200), (middle, 200), (root, 200), (beside, 404), (below, 404)):
            assert world.browser(organization.admin).get(address(uid, size)).status_code == status
        assert world.browser(world.volunteer()).get(address(uid, size)).status_code == 404
        assert world.browser().get(address(uid, size)).status_code in (302, 303)


def test_each_look_from_above_is_written_down_for_the_leader_to_read_and_none_of_its_own(world, root):
    leader = world.volunteer()
    team = world.organization(root, leader_phone=leader.phone)
    (uid,) = put_in(world, team)
    judge = world.browser(root.admin)
    world.browser(team.admin).get(address(uid))
    assert looks(world) == []
    for _ in range(2):
        judge.get(address(uid))
    assert looks(world) == [(root.admin.account_id, leader.account_id)] * 2
    world.browser(world.organization(root).admin).get(address(uid))
    assert len(looks(world)) == 2
    own = world.do(lambda: own_data.export(session.get_one(Account, leader.account_id)))["audit_entries"]
    assert [row["detail"] for row in own if row["action"] == "application.viewed"] == [f"{team.name}：第 1 页"] * 2


def test_it_is_on_no_page_for_everybody(world, team):
    (uid,) = put_in(world, team)
    for path in ("/organizations", f"/organizations/{team.uid}"):
        assert uid not in world.browser().page(path).html
    helper = world.browser(world.do(lambda: add_admin(team, Role.HELPER)))
    page = helper.page("/organization")
    assert "已上传 1 页" in page.text
    assert uid not in page.html


def test_those_above_see_what_lacks_and_a_lead_of_theirs_sees_no_page(world, root):
    team = world.organization(root)
    place = f"/organization/below/{team.uid}"
    assert "还缺" in world.browser(root.admin).page(place).text
    (uid,) = put_in(world, team)
    page = world.browser(root.admin).page(place)
    assert "还缺" not in page.text
    assert address(uid) in page.links
    lead = world.browser(world.do(lambda: add_admin(root, Role.LEAD)))
    assert uid not in lead.page(place).html


def test_a_page_of_somebody_else_can_neither_be_seen_nor_claimed(world, root, applicant, good, admin_form):
    send(applicant, PATH, good, photo(), name=FIELD)
    (uid,) = uids(world)
    thief = world.browser(world.account())
    assert thief.get(address(uid)).status_code == 404
    thief.post(PATH, good | {"name": "别人的志愿服务队", FIELD: [uid]})
    assert thief.post(ADMIN, admin_form | {"form_key": "t" * 22}).status_code == 303
    other = world.browser(world.organization(root).admin)
    assert other.post(EDIT, good | {"name": "又一支服务队", FIELD: [uid], "revision": "1"}).status_code == 303
    assert world.one(select(StoredFile.owner_id).where(StoredFile.uid == uid)) is None
    assert applicant.post(ADMIN, admin_form).status_code == 303
    assert world.one(select(StoredFile.owner_id).where(StoredFile.uid == uid)) is not None


def remove(world, folder):
    return world.do(lambda: files.remove_orphans(folder, here.clock.now()))


def test_pages_of_a_half_filled_form_stay_as_long_as_the_form_does(world, applicant, good, clock, kept_in):
    send(applicant, PATH, good, photo(), photo("red"), name=FIELD)
    first = uids(world)[0]
    applicant.post(PATH, good | {FIELD: [first]})
    clock.advance(timedelta(days=2))
    remove(world, kept_in)
    assert uids(world) == [first]
    clock.advance(timedelta(days=30))
    remove(world, kept_in)
    assert uids(world) == []


def gone_for_good(world, folder):
    """Neither a row nor, once the job ran a day later, a byte."""
    for path in folder.glob("*/*"):
        old = (world.do(lambda: here.clock.now()) - timedelta(days=2)).timestamp()
        files.kept_bytes.os.utime(path, (old, old))
    remove(world, folder)
    return uids(world) == [] and list(folder.glob("*/*")) == []


def expire(world):
    def all_rules():
        for rule in retention.rules(here.config.retention, here.config.limits, here.clock.now()):
            retention.apply(rule)

    world.do(all_rules)


def test_pages_of_one_that_was_refused_for_good_go_after_their_days(world, root, clock, kept_in):
    team, other = world.organization(root, review="parent"), world.organization(root)
    put_in(world, team)
    (kept,) = put_in(world, other)
    judge = world.browser(root.admin)
    judge.post(f"/organization/below/{team.uid}/review", {"action": "refuse", "reason": "材料不全"})
    world.do(lambda: in_transaction(lambda: setattr(session.get_one(Organization, team.id), "logo", "L" * 22)))
    clock.advance(timedelta(days=29))
    expire(world)
    assert len(uids(world)) == 2
    clock.advance(timedelta(days=2))
    expire(world)
    assert uids(world) == [kept]
    assert world.one(select(Organization.logo).where(Organization.id == team.id)) == ""


def test_pages_go_with_the_organisation_that_is_merged_away(world, root, kept_in):
    team, successor = world.organization(root), world.organization(root)
    put_in(world, team)
    browser = world.browser(root.admin)
    browser.log_in(root.admin, proved=True)
    form = {"successor": successor.uid, "admins": "keep", "reason": "合并", "understood": "y"}
    answer = browser.post(f"/organization/below/{team.uid}/merge", form)
    assert answer.status_code == 303, read(answer).alerts
    assert gone_for_good(world, kept_in)


def test_the_page_of_one_organisation_costs_no_more_with_more_pages(world, team):
    put_in(world, team, 3)
    assert world.one(select(func.count()).where(StoredFile.owner_id == team.id)) == 3
    page = world.browser(team.admin).page("/organization")
    assert len([link for link in page.links if "applications" in link]) == 3


def test_a_body_changed_in_the_folder_is_not_shown(world, team, kept_in):
    one, other = put_in(world, team, 2)
    folder = {path.name: path for path in kept_in.glob("*/*")}
    folder[f"{one}-large.sealed"].write_bytes(folder[f"{other}-large.sealed"].read_bytes())
    answer = world.browser(team.admin).get(address(one))
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
