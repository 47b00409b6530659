"""A new version of an agreement: asked of who accepted an older one, once, with a way out."""

import shutil

import pytest
from sqlalchemy import select

from app.accounts import agreements, services
from app.accounts.models import Account, Consent
from app.context import here
from app.database import in_transaction, session
from tests.pages import read

DOCUMENTS = (agreements.VOLUNTEER_AGREEMENT, agreements.PRIVACY_NOTICE, agreements.ID_NUMBER_CONSENT)
NOTICE = agreements.PRIVACY_NOTICE


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Put a new version of a text beside the others, as an operator does before a restart."""
    folder = tmp_path / "agreements"
    shutil.copytree(agreements.FOLDER, folder)

    def publish(document, version="2027-03", words="新版本的内容"):
        (folder / f"{document}.{version}.md").write_text(words, encoding="utf-8")
        agreements.versions.cache_clear()

    monkeypatch.setattr(agreements, "FOLDER", folder)
    yield publish
    monkeypatch.undo()
    agreements.versions.cache_clear()


@pytest.fixture
def member(world, volunteer):
    """A volunteer who accepted what was in force when they registered."""

    def accept():
        account = session.get_one(Account, volunteer.account_id)
        services.record_consents(account, agreements.current(*DOCUMENTS), here.clock.now())

    world.do(lambda: in_transaction(accept))
    return world.browser(volunteer)


def accepted(world, document=NOTICE):
    query = select(Consent.version).where(Consent.document == document).order_by(Consent.version)
    return [version for (version,) in world.rows(query)]


def test_while_nothing_is_new_nobody_is_asked(member):
    assert member.get("/volunteer").status_code == 200
    assert "文件没有更新" in member.page("/agreements/renew").text


def test_a_new_version_is_shown_before_the_next_page_and_then_never_again(world, member, publish):
    before = accepted(world)
    publish(NOTICE)
    answer = member.get("/volunteer/activities?tab=all")
    assert answer.location == "/agreements/renew?next=/volunteer/activities?tab%3Dall"
    page = member.page(answer.location)
    assert "新版本的内容" in page.text
    assert "隐私政策" in page.text
    assert "注册协议" not in page.text
    assert page.of("privacy_notice").chosen == []
    done = member.post(answer.location, {"privacy_notice": "y"})
    assert done.location == "/volunteer/activities?tab=all"
    assert member.get(done.location).status_code == 200
    assert accepted(world) == [*before, "2027-03"]
    again = world.browser()
    again.client = member.client
    assert again.get("/volunteer").status_code == 200


def test_without_the_tick_nothing_is_accepted(world, member, publish):
    publish(NOTICE)
    answer = member.post("/agreements/renew?next=/volunteer")
    assert answer.status_code == 422
    assert read(answer).of("privacy_notice").errors == ["请阅读后勾选"]
    assert "2027-03" not in accepted(world)
    assert member.get("/volunteer").location.startswith("/agreements/renew")


def test_each_new_text_has_a_box_of_its_own(world, member, publish):
    for document in DOCUMENTS:
        publish(document)
    page = member.page("/agreements/renew")
    assert {"privacy_notice", "volunteer_agreement", "id_number_consent"} <= set(page.fields)
    assert member.post("/agreements/renew", {"privacy_notice": "y"}).status_code == 422
    assert "2027-03" not in accepted(world)


def test_who_does_not_agree_keeps_what_is_theirs_and_may_go(member, publish):
    publish(NOTICE)
    page = member.page("/agreements/renew")
    assert "/account" in page.links
    for path in (
        "/account",
        "/account/data",
        "/account/close",
        "/activities",
        "/policies",
        f"/agreements/{NOTICE}/2027-03",
    ):
        assert member.get(path).status_code == 200
    member.post("/logout")
    assert member.get("/volunteer").location.startswith("/login")


def test_the_older_version_stays_readable(member, publish):
    (older,) = agreements.versions(NOTICE)
    publish(NOTICE)
    assert "新版本的内容" not in member.page(f"/agreements/{NOTICE}/{older}").text
    assert f"/agreements/{NOTICE}/{older}" in member.page(f"/agreements/{NOTICE}/2027-03").links


def test_who_never_accepted_or_withdrew_is_not_asked(world, team, member, publish):
    publish(agreements.ORGANIZATION_AGREEMENT)
    assert member.get("/volunteer").status_code == 200
    assert world.browser(team.admin).get("/organization").status_code == 200
    publish(agreements.ID_NUMBER_CONSENT)
    member.post(f"/account/consents/{agreements.ID_NUMBER_CONSENT}/withdraw")
    assert member.get("/volunteer").status_code == 200


def test_a_form_that_was_being_filled_in_is_not_lost_to_a_new_version(world, member, publish, volunteer):
    publish(NOTICE)
    assert member.post("/volunteer/edit", {"region": "210202", "skills": ["01"], "services": ["K1"]}).status_code == 303


def test_a_newer_one_is_asked_about_again(world, member, publish):
    for version in ("2027-03", "2027-09"):
        publish(NOTICE, version)
        assert member.get("/volunteer").location.startswith("/agreements/renew")
        member.post("/agreements/renew?next=/volunteer", {"privacy_notice": "y"})
        assert member.get("/volunteer").status_code == 200
