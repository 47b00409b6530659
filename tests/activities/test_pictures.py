"""Pictures of activities: sent with the form, kept when something else is wrong, shown to whoever may see them."""

import os
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from app import files
from app.activities.models import Activity
from app.context import here
from app.files import StoredFile
from tests.pages import read
from tests.uploads import photo, send

PATH = "/organization/activities/new"


@pytest.fixture
def folder(world, tmp_path):
    with world.settings(content={"uploads": str(tmp_path / "uploads")}):
        yield tmp_path / "uploads"


def stored(world):
    return [uid for (uid,) in world.rows(select(StoredFile.uid).order_by(StoredFile.position, StoredFile.id))]


def test_a_picture_stands_on_the_page_in_the_list_and_on_the_share_card(world, admin, good, folder):
    place = send(admin, PATH, good, photo(), photo("red")).location
    first, second = stored(world)
    html = world.browser().page(place.replace("/organization", "")).html
    assert f"/activities/pictures/{first}-large.jpg" in html
    assert f"/activities/pictures/{second}-large.jpg" in html
    assert f'og:image" content="http://localhost/activities/pictures/{first}-small.jpg' in html
    assert f"/activities/pictures/{first}-small.jpg" in world.browser().page("/activities").html
    answer = world.browser().get(f"/activities/pictures/{first}-small.jpg")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert Image.open(BytesIO(answer.data)).size == (480, 320)


def test_what_was_sent_stays_when_something_else_is_wrong(world, admin, good, folder):
    page = read(send(admin, PATH, good | {"title": ""}, photo(), photo("red")))
    uids = stored(world)
    assert sorted(page.of("pictures").chosen) == sorted(uids)
    assert admin.get(f"/activities/pictures/{uids[0]}-small.jpg").status_code == 200
    assert world.browser().get(f"/activities/pictures/{uids[0]}-small.jpg").status_code == 404
    assert admin.post(PATH, good | {"pictures": uids, "cover": uids[1]}).status_code == 303
    assert world.one(select(Activity.cover)) == uids[1]
    assert world.one(select(func.count()).select_from(StoredFile)) == 2


def test_a_picture_is_taken_away_and_another_made_the_cover(world, admin, good, folder):
    place = send(admin, PATH, good, photo(), photo("red"), photo("blue")).location
    first, second, third = stored(world)
    admin.post(f"{place}/edit", good | {"pictures": [second, third], "cover": third})
    assert world.one(select(Activity.cover)) == third
    assert world.one(select(StoredFile.owner_id).where(StoredFile.uid == first)) is None
    admin.post(f"{place}/edit", good)
    assert world.one(select(Activity.cover)) == ""


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "换一张"),
        ("x.jpg", b"<html><script>alert(1)</script>", "换一张"),
        ("big.jpg", b"\xff\xd8" + b"x" * 5_000_001, "5 MB"),
        ("empty.jpg", b"", "换一张"),
    ],
)
def test_what_is_no_picture_is_told_beside_the_field(world, admin, good, folder, name, data, words):
    answer = send(admin, PATH, good, FileStorage(BytesIO(data), name), photo())
    assert answer.status_code == 422
    page = read(answer)
    assert any(words in error for error in page.of("pictures").errors)
    assert page.of("title").value == good["title"]
    assert len(stored(world)) == 1, "the good one stays"
    assert world.one(select(func.count()).select_from(Activity)) == 0


def test_seven_pictures_are_one_too_many(world, admin, good, folder):
    page = read(send(admin, PATH, good, *(photo() for _ in range(7))))
    assert any("最多 6 张" in error for error in page.of("pictures").errors)
    assert len(stored(world)) == 6


def test_a_body_beyond_all_measure_is_refused_and_a_stranger_sends_no_more_than_a_form(world, admin, good, folder):
    huge = FileStorage(BytesIO(b"x" * 31_000_000), "x.jpg")
    assert send(admin, PATH, good, huge).status_code == 413
    large = FileStorage(BytesIO(b"x" * 400_000), "x.jpg")
    assert send(world.browser(), PATH, good, large).status_code == 413
    elsewhere = f"/organization/act-for/{'A' * 22}"
    assert send(admin, elsewhere, good, FileStorage(BytesIO(b"x" * 400_000), "x.jpg")).status_code == 413


def test_a_picture_of_another_organisation_cannot_be_claimed_or_seen(world, root, admin, good, folder):
    other = world.browser(world.organization(root).admin)
    send(other, PATH, good | {"title": ""}, photo())
    (uid,) = stored(world)
    assert admin.get(f"/activities/pictures/{uid}-large.jpg").status_code == 404
    assert admin.post(PATH, good | {"pictures": [uid]}).status_code == 303
    assert world.one(select(Activity.cover)) == ""
    assert world.one(select(StoredFile.owner_id)) is None


def test_what_nobody_claimed_within_a_day_goes_and_the_rest_stays(world, admin, good, folder, clock):
    send(admin, PATH, good, photo())
    (kept,) = stored(world)
    send(admin, PATH, good | {"title": "", "form_key": "z" * 22}, photo("red"))
    rowless = files.path_of(folder, "R" * 22)
    rowless.parent.mkdir()
    rowless.write_bytes(b"x")
    half = rowless.with_name(".half")
    half.write_bytes(b"x")
    clock.advance(timedelta(hours=23))
    for path in folder.glob("*/*"):
        os.utime(path, (clock.now().timestamp(),) * 2)
    assert world.do(lambda: files.remove_orphans(folder, here.clock.now())) == 0
    clock.advance(timedelta(hours=25))
    assert world.do(lambda: files.remove_orphans(folder, here.clock.now())) == 3
    assert world.do(lambda: files.remove_orphans(folder, here.clock.now())) == 0
    assert stored(world) == [kept]
    assert {path.name for path in folder.glob("*/*")} == {f"{kept}-large.jpg", f"{kept}-small.jpg"}


def test_a_full_disk_is_told_and_leaves_no_half_file(world, admin, good, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    with world.settings(content={"uploads": str(blocked)}):
        page = read(send(admin, PATH, good, photo()))
    assert any("存不下" in error for error in page.of("pictures").errors)
    assert stored(world) == []


def test_a_picture_that_breaks_off_is_refused(world, admin, good, folder):
    out = BytesIO()
    Image.new("RGB", (600, 600), "teal").save(out, "PNG")
    page = read(send(admin, PATH, good, FileStorage(BytesIO(out.getvalue()[:-12]), "半张.png")))
    assert "不是能用的图片" in page.of("pictures").errors[0]
    assert stored(world) == []


def number(world, model):
    return world.one(select(func.count()).select_from(model))


def pictures_of(world, activity_id):
    query = select(StoredFile.uid, StoredFile.sha256).where(StoredFile.owner_id == activity_id)
    return world.rows(query.order_by(StoredFile.position))


def test_a_copy_takes_the_pictures_along(world, folder, team, admin, good, clock):
    assert send(admin, PATH, good, photo("teal"), photo("navy")).status_code == 303
    model = world.one(select(Activity.id))
    before = pictures_of(world, model)
    page = admin.page(f"{PATH}?copy={model}")
    assert page.of("pictures").chosen == [uid for uid, _ in before]
    sent = good | {"form_key": page.hidden["form_key"], "pictures": page.of("pictures").chosen, "title": "再来一次"}
    for _ in range(3):
        assert admin.post(PATH, sent | {"action": "keep"}).status_code == 204
    assert number(world, StoredFile) == 4
    place = admin.post(f"{PATH}?copy={model}", sent).location
    copied = pictures_of(world, int(place.rsplit("/", 1)[1]))
    assert [bytes_ for _, bytes_ in copied] == [bytes_ for _, bytes_ in before]
    assert {uid for uid, _ in copied}.isdisjoint({uid for uid, _ in before})
    assert pictures_of(world, model) == before
    assert number(world, StoredFile) == 4
    for uid, _ in copied:
        assert world.browser().get(f"/activities/pictures/{uid}-small.jpg").status_code == 200


def test_the_same_form_with_the_same_pictures_is_one_and_with_another_is_told(world, folder, admin, good):
    places = [send(admin, PATH, good, photo("teal")).location for _ in range(2)]
    assert places[0] == places[1]
    (shown,) = pictures_of(world, world.one(select(Activity.id)))
    answer = send(admin, PATH, good, photo("navy"))
    assert "您写的还没有发布" in read(answer).alerts[0]
    beside = read(answer)
    assert send(admin, PATH, beside.sent(again="y", declaration="y")).status_code == 303
    first, second = (one for (one,) in world.rows(select(Activity.id).order_by(Activity.id)))
    assert pictures_of(world, first) == [shown]
    assert [kept for _, kept in pictures_of(world, second)] not in ([], [shown[1]])


def test_one_picture_of_a_copy_can_be_left_out(world, folder, admin, good):
    send(admin, PATH, good, photo("teal"), photo("navy"))
    model = world.one(select(Activity.id))
    kept = pictures_of(world, model)[1:]
    page = admin.page(f"{PATH}?copy={model}")
    sent = good | {"form_key": page.hidden["form_key"], "pictures": [kept[0][0]], "title": "再来一次"}
    answer = admin.post(PATH, sent | {"title": ""})
    assert answer.status_code == 422
    shown = read(answer).of("pictures").chosen
    assert len(shown) == 1
    place = admin.post(f"{PATH}?copy={model}", sent | {"pictures": shown}).location
    assert [bytes_ for _, bytes_ in pictures_of(world, int(place.rsplit("/", 1)[1]))] == [kept[0][1]]


def test_strangers_pictures_are_not_copied(world, folder, root, admin, good):
    send(admin, PATH, good, photo("teal"))
    ((uid, _),) = pictures_of(world, world.one(select(Activity.id)))
    other = world.browser(root.admin)
    answer = other.post(PATH, good | {"form_key": "z" * 22, "pictures": [uid]})
    assert answer.status_code == 303
    assert pictures_of(world, int(answer.location.rsplit("/", 1)[1])) == []


def test_a_form_that_keeps_itself_8_times_at_once_copies_once(world, folder, team, admin, good):
    send(admin, PATH, good, photo("teal"))
    ((uid, _),) = pictures_of(world, world.one(select(Activity.id)))
    sent = good | {"form_key": "y" * 22, "pictures": [uid], "action": "keep"}
    browsers = [world.browser(team.admin) for _ in range(8)]
    answers = world.at_once([lambda b=browser: b.post(PATH, sent) for browser in browsers])
    assert {answer.status_code for answer in answers} == {204}
    assert number(world, StoredFile) == 2
