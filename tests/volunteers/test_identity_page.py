"""更正姓名或证件, and withdrawn papers: nobody gets round the guardian or becomes two persons."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import Account, AuditEntry
from app.context import here
from app.database import in_transaction, session
from app.demo.people import resident_id
from app.volunteers import services
from app.volunteers.errors import IdNumberNotAccepted
from app.volunteers.models import Volunteer
from app.volunteers.services import Identity
from tests.factories import new_id_number, registration
from tests.pages import read

PATH = "/volunteer/identity"


def correct(clock, browser, sms, phone, form):
    clock.advance(timedelta(minutes=2))
    browser.post(PATH, form | {"action": "send"})
    return browser.post(PATH, form | {"code": sms.code(phone), "action": ""})


def papers(number):
    return {"name": "改正者", "id_type": "01", "id_number": number, "id_consent": "y"}


def prove_guardian(browser, sms):
    form = {"guardian_name": "欧阳家长", "guardian_phone": "17011112222", "guardian_consent": "y"}
    browser.post("/volunteer/guardian", form | {"action": "send"})
    return browser.post("/volunteer/guardian", form | {"code": sms.code(form["guardian_phone"])})


def test_a_correction_that_makes_a_minor_asks_for_the_guardian(world, clock, volunteer, sms):
    browser = world.browser(volunteer)
    form = papers(resident_id("210202", date(2011, 5, 5), 11))
    answer = correct(clock, browser, sms, volunteer.phone, form)
    assert answer.status_code == 422
    assert "监护人" in read(answer).of("id_number").errors[0]
    assert "/volunteer/guardian" in read(answer).links
    assert prove_guardian(browser, sms).status_code == 303
    assert correct(clock, browser, sms, volunteer.phone, form).status_code == 303
    assert "监护人同意" in browser.page("/volunteer").text


def test_whose_guardian_has_not_consented_cannot_sign_up_before(world, team, sms):
    person, event = world.volunteer(), world.activity(team)
    sql = update(Volunteer).where(Volunteer.id == person.volunteer_id)
    world.do(lambda: in_transaction(lambda: session.execute(sql.values(birth_date=date(2010, 5, 5)))))
    browser = world.browser(person)
    press = f"/activities/{event.id}/shifts/{event.shift_id}/sign-up"
    answer = browser.post(press)
    assert answer.status_code == 409
    assert "监护人" in read(answer).alerts[0]
    page = browser.page(f"/activities/{event.id}")
    assert "要由监护人同意" in page.text
    assert "/volunteer/guardian" in page.links
    assert prove_guardian(browser, sms).status_code == 303
    assert browser.post(press).status_code == 303


def test_who_tries_many_numbers_by_corrections_is_answered_alike(world, clock, volunteer, sms):
    browser = world.browser(volunteer)
    for _ in range(3):
        other = world.volunteer()
        assert correct(clock, browser, sms, volunteer.phone, papers(other.id_number)).status_code == 422
    assert correct(clock, browser, sms, volunteer.phone, papers(new_id_number())).status_code == 422


def test_withdrawn_papers_still_belong_to_one_person(world, clock, volunteer, good, sms):
    browser = world.browser(volunteer)
    assert browser.post("/account/consents/id-number-consent/withdraw").status_code == 303
    other = world.browser(world.account())
    assert other.post("/volunteer/register", good | {"id_number": volunteer.id_number}).status_code == 422
    assert world.one(select(func.count()).select_from(Volunteer)) == 1
    assert correct(clock, browser, sms, volunteer.phone, papers(volunteer.id_number)).status_code == 303
    assert "/account/consents/id-number-consent/withdraw" in browser.page("/account").links


def test_what_is_kept_while_typing_is_not_announced(world):
    browser = world.browser(world.account())
    typed = {"name": "欧阳测试", "id_number": new_id_number(), "action": "keep"}
    assert browser.post("/volunteer/register", typed).status_code == 204
    page = browser.page("/volunteer/register")
    assert page.of("name").value == "欧阳测试"
    assert page.of("id_number").value == ""
    assert "已保存" not in page.text


def test_an_id_number_is_not_taken_under_another_type(world, good):
    browser = world.browser(world.account())
    form = good | {"id_type": "99", "gender": "1", "birth_date": "1990-05-17", "id_number": new_id_number()}
    answer = browser.post("/volunteer/register", form)
    assert answer.status_code == 422
    assert "请选内地居民身份证" in read(answer).of("id_type").errors[0]


def test_a_correction_shows_all_its_faults_at_once(world, volunteer):
    browser = world.browser(volunteer)
    wrong = papers("110105194912310021") | {"name": "", "id_consent": "", "code": "12", "action": ""}
    page = read(browser.post(PATH, wrong))
    assert "逐位核对" in page.of("id_number").errors[0]
    assert [len(page.of(name).errors) for name in ("name", "id_consent", "code")] == [1, 1, 1]
    assert "有 4 处需要修改" in page.text


PASSPORT = {"gender": "1", "birth_date": "1990-05-17", "id_number": "E12345678"}


@pytest.mark.parametrize("other", ["02", "99", "05"])
def test_one_document_under_another_type_is_no_second_person(world, good, other):
    first = world.browser(world.account())
    assert first.post("/volunteer/register", good | PASSPORT | {"id_type": "05"}).status_code == 303
    second = world.browser(world.account())
    answer = second.post("/volunteer/register", good | PASSPORT | {"id_type": other})
    assert answer.status_code == 422
    assert IdNumberNotAccepted.message in read(answer).of("id_number").errors
    assert world.one(select(func.count()).select_from(Volunteer)) == 1


def test_one_document_under_two_types_at_the_same_moment_makes_one_person(world):
    accounts = [world.account() for _ in range(4)]

    def press(account, id_type):
        identity = Identity("测试者", "1", date(1990, 5, 17), id_type, "E12345678")

        def act():
            row = session.get_one(Account, account.account_id)
            facts = registration(identity=identity)
            return services.register(row, facts, limits=here.config.limits, now=here.clock.now()).id

        return lambda: in_transaction(act)

    outcomes = world.at_once([press(*pair) for pair in zip(accounts, ("02", "05", "99", "05"), strict=True)])
    assert sorted(type(one).__name__ for one in outcomes) == ["IdNumberNotAccepted"] * 3 + ["int"]
    assert world.one(select(func.count()).select_from(Volunteer)) == 1


def test_a_correction_does_not_take_anothers_document_under_another_type(world, clock, good, sms):
    first = world.browser(world.account())
    assert first.post("/volunteer/register", good | PASSPORT | {"id_type": "05"}).status_code == 303
    other = world.volunteer()
    form = PASSPORT | {"name": "改正者", "id_type": "99", "id_consent": "y"}
    answer = correct(clock, world.browser(other), sms, other.phone, form)
    assert IdNumberNotAccepted.message in read(answer).of("id_number").errors


def test_nobody_is_sent_a_code_to_answer_for_a_grown_up(world, volunteer, sms):
    form = {"guardian_name": "欧阳家长", "guardian_phone": "17011112222", "guardian_consent": "y"}
    browser = world.browser(volunteer)
    answer = browser.post("/volunteer/guardian", form | {"action": "send"})
    assert answer.status_code == 422
    assert "不需要监护人" in read(answer).alerts[0]
    assert sms.received == []
    assert browser.post("/volunteer/guardian", form | {"code": "123456"}).status_code == 422


def test_another_guardian_is_written_down(world, sms):
    person = world.volunteer()
    born = update(Volunteer).where(Volunteer.id == person.volunteer_id).values(birth_date=date(2010, 5, 5))
    world.do(lambda: in_transaction(lambda: session.execute(born)))
    assert prove_guardian(world.browser(person), sms).status_code == 303
    query = select(AuditEntry.action).where(AuditEntry.account_id == person.account_id)
    assert ("volunteer.guardian",) in world.rows(query)


def minor_with_guardian(world, sms):
    person = world.volunteer()
    born = update(Volunteer).where(Volunteer.id == person.volunteer_id).values(birth_date=date(2010, 5, 5))
    world.do(lambda: in_transaction(lambda: session.execute(born)))
    browser = world.browser(person)
    assert prove_guardian(browser, sms).status_code == 303
    return person, browser


def test_nobody_takes_the_name_of_their_guardian(world, clock, sms):
    person, browser = minor_with_guardian(world, sms)
    form = papers(resident_id("210202", date(2010, 5, 5), 11)) | {"name": "欧阳家长"}
    answer = correct(clock, browser, sms, person.phone, form)
    assert answer.status_code == 422
    assert "监护人" in read(answer).of("name").errors[0]
    assert world.one(select(Volunteer.name).where(Volunteer.id == person.volunteer_id)) != "欧阳家长"


def test_nobody_takes_the_phone_of_their_guardian(world, clock, sms):
    person, browser = minor_with_guardian(world, sms)
    clock.advance(timedelta(minutes=2))
    browser.post("/account/phone", {"action": "send"})
    assert browser.post("/account/phone", {"code": sms.code(person.phone)}).status_code == 303
    clock.advance(timedelta(minutes=2))
    browser.post("/account/phone", {"phone": "17011112222", "action": "send"})
    answer = browser.post("/account/phone", {"phone": "17011112222", "code": sms.code("17011112222")})
    assert answer.status_code == 422
    assert "监护人" in read(answer).of("phone").errors[0]
    assert world.do(lambda: session.get_one(Account, person.account_id).phone) == person.phone


def test_nobody_becomes_a_minor_with_the_phone_of_their_guardian(world, clock, volunteer, sms):
    """Of age for a moment, one may take that phone; back under age, another phone must consent."""
    browser = world.browser(volunteer)
    young = papers(resident_id("210202", date(2011, 5, 5), 11))
    assert correct(clock, browser, sms, volunteer.phone, young).status_code == 422
    assert prove_guardian(browser, sms).status_code == 303
    clock.advance(timedelta(minutes=2))
    browser.post("/account/phone", {"action": "send"})
    browser.post("/account/phone", {"code": sms.code(volunteer.phone)})
    clock.advance(timedelta(minutes=2))
    browser.post("/account/phone", {"phone": "17011112222", "action": "send"})
    answer = browser.post("/account/phone", {"phone": "17011112222", "code": sms.code("17011112222")})
    assert answer.status_code == 303
    answer = correct(clock, browser, sms, "17011112222", young)
    assert answer.status_code == 422
    assert "监护人" in " ".join(read(answer).alerts)
    assert "/volunteer/guardian" in read(answer).links
    other = {"guardian_name": "欧阳家长", "guardian_phone": "17011115555", "guardian_consent": "y"}
    browser.post("/volunteer/guardian", other | {"action": "send"})
    assert browser.post("/volunteer/guardian", other | {"code": sms.code("17011115555")}).status_code == 303
    assert correct(clock, browser, sms, "17011112222", young).status_code == 303


@pytest.mark.parametrize("written", ["欧阳 小明", "欧阳小明 ", "欧阳·小明"])
def test_a_guardian_is_somebody_else_however_the_name_is_written(world, sms, written):
    person = world.volunteer(name="欧阳小明")
    born = update(Volunteer).where(Volunteer.id == person.volunteer_id).values(birth_date=date(2010, 5, 5))
    world.do(lambda: in_transaction(lambda: session.execute(born)))
    form = {"guardian_name": written, "guardian_phone": "17011112222", "guardian_consent": "y"}
    answer = world.browser(person).post("/volunteer/guardian", form | {"action": "send"})
    assert "不能是您本人" in read(answer).of("guardian_name").errors[0]
    assert sms.received == []
