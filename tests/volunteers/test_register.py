"""注册 of a volunteer, as a phone sends it: what is refused, what is kept, what is stored."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from stdnum import luhn

from app.accounts.models import Consent
from app.demo.people import resident_id
from app.organizations.models import Membership
from app.volunteers.models import Volunteer, VolunteerSkill
from tests.factories import new_id_number
from tests.pages import read
from tests.volunteers.steps import DONE, PATH, consent_of_guardian, register, send_step


@pytest.fixture
def newcomer(world):
    return world.browser(world.account())


def volunteers(world):
    return world.one(select(func.count()).select_from(Volunteer))


def refused(world, browser, form):
    """The page that refuses the form; nothing was stored."""
    answer = register(browser, form)
    assert answer.status_code == 422, answer.location
    assert volunteers(world) == 0
    assert world.one(select(func.count()).select_from(Consent)) == 0
    return read(answer)


def test_a_good_form_makes_a_volunteer(world, newcomer, good):
    assert register(newcomer, good).location == DONE
    text = newcomer.page("/volunteer/registered").text
    ((number, name, gender, born),) = world.rows(
        select(Volunteer.volunteer_no, Volunteer.name, Volunteer.gender, Volunteer.birth_date)
    )
    assert luhn.is_valid(number)
    assert number in text
    assert number.startswith("210202")
    assert (name, born.year) == ("欧阳测试", 1990)
    assert gender == ("1" if int(good["id_number"][16]) % 2 else "2")
    assert sorted(code for (code,) in world.rows(select(VolunteerSkill.code))) == ["01", "05"]
    page = newcomer.page("/volunteer")
    assert good["id_number"] not in page.html
    assert good["id_number"][-4:] in page.text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("110105194912310021", "逐位核对"),
        ("210281190002290012", "出生日期不存在"),
        ("110105491231002", "15 位"),
        ("11010519491231002", "18 位"),
        ("1101051949123100222", "18 位"),
        ("11010519491231002A", "18 位"),
        (resident_id("210202", date(2030, 1, 1), 1), "出生日期不对"),
        ("", "请填写证件号码"),
        ("   ", "请填写证件号码"),
        ("1" * 200, "最多 30 个字"),
        ("🙂" * 18, "18 位"),
        ("11010519491231\x00002X", "无法识别"),
        ("11010519491231\u202e002X", "特殊字符"),
    ],
)
def test_a_wrong_id_number_is_told_beside_it_and_all_is_kept(world, newcomer, good, number, words):
    page = refused(world, newcomer, good | {"id_number": number})
    assert words in page.of("id_number").errors[0]
    assert page.of("id_number").label.startswith("证件号码")
    assert page.of("id_number").value.strip() == number.replace("\x00", "\ufffd").strip() or "\x00" in number
    assert page.of("name").value == "欧阳测试"
    assert page.of("id_consent").chosen == ["y"]


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "21020219000101001X"])
def test_the_standards_own_numbers_are_good(world, newcomer, good, number):
    assert register(newcomer, good | {"id_number": number}).location == DONE


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_a_number_may_be_typed_as_people_type(world, newcomer, good, typed):
    assert register(newcomer, good | {"id_number": typed}).location == DONE
    other = world.browser(world.account())
    answer = register(other, good | {"id_number": "11010519491231002X"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "请填写姓名"),
        ("name", "李", "至少 2 个字"),
        ("name", "长" * 51, "最多 50 个字，现在有 51 个"),
        ("name", "🙂🙂", "汉字或字母"),
        ("name", "张三1", "汉字或字母"),
        ("name", "张\u202e三", "特殊字符"),
        ("name", "张\x07三", "无法识别"),
        ("name", "<b>张三</b>", "汉字或字母"),
        ("region", "", "请选择所在区域"),
        ("region", "210200", "区（县）"),
        ("region", "999999", "从列表中选择"),
        ("region", "２１０２０２", "从列表中选择"),
        ("skills", [], "至少选择一项"),
        ("skills", ["01", "zz"], "从列表中选择"),
        ("services", [], "至少选择一项"),
        ("id_type", "77", "从列表中选择"),
        ("organization", "no such", "从列表中选择"),
        ("agreement", "", "同意注册协议"),
        ("privacy", "", "同意隐私政策"),
        ("id_consent", "", "阅读说明并同意"),
    ],
)
def test_each_wrong_field_has_its_sentence_beside_it(world, newcomer, good, field, value, words):
    page = refused(world, newcomer, good | {field: value})
    assert any(words in error for error in page.of(field).errors), (page.of(field), page.alerts)
    again = newcomer.page(PATH)
    assert again.of("id_number").value == (good["id_number"] if field != "id_consent" else "")
    assert again.of("name").value == good["name"] or field == "name"


@pytest.mark.parametrize("name", ["古丽娜尔·买买提", "𠮷田太郎", "Anne-Marie O'Neil", "张 三", "买买提•艾力"])
def test_names_of_all_kinds_are_taken(world, newcomer, good, name):
    assert register(newcomer, good | {"name": name}).location == DONE
    assert world.one(select(Volunteer.name)) == name.replace("•", "·")


def test_an_empty_form_says_what_each_field_needs(world, newcomer, good):
    needed = {"who": ("name", "id_number", "id_consent"), "ability": ("region", "skills", "services")}
    needed["finish"] = ("agreement", "privacy")
    for step, names in needed.items():
        answer = send_step(newcomer, step, {})
        assert answer.status_code == 422
        for field in names:
            assert read(answer).of(field).errors, field
        send_step(newcomer, step, good)
    assert volunteers(world) == 1


def test_a_passport_needs_sex_and_birth_date(world, newcomer, good):
    form = good | {"id_type": "05", "id_number": "E12345678"}
    page = refused(world, newcomer, form)
    assert page.of("gender").errors
    assert page.of("birth_date").errors
    for born in ("1990-02-30", "19900101", "2090-01-01", "１９９０-01-01", "1990-1-1", " "):
        page = refused(world, newcomer, form | {"gender": "1", "birth_date": born})
        assert page.of("birth_date").errors, born
    assert register(newcomer, form | {"gender": "1", "birth_date": "1990-01-31"}).location == DONE


def test_another_way_to_type_the_same_passport_is_the_same_passport(world, newcomer, good):
    form = good | {"id_type": "05", "gender": "1", "birth_date": "1990-01-31"}
    register(newcomer, form | {"id_number": "E12345678"})
    answer = register(world.browser(world.account()), form | {"id_number": " e1234 5678"})
    assert answer.status_code == 422


@pytest.mark.parametrize("number", ["🙂🙂🙂🙂🙂🙂", "E1", "'; --", "\u00df" * 30])
def test_a_passport_number_is_letters_and_digits(world, newcomer, good, number):
    form = good | {"id_type": "05", "gender": "1", "birth_date": "1990-01-31", "id_number": number}
    assert refused(world, newcomer, form).of("id_number").errors


def test_another_province_keeps_what_was_typed_and_judges_nothing(world, newcomer, good):
    send_step(newcomer, "who", good)
    answer = send_step(newcomer, "ability", good | {"services": []}, province="110000", action="province")
    page = read(answer)
    assert answer.status_code == 200
    assert page.alerts == []
    assert page.of("skills").chosen == ["01", "05"]
    assert "东城区" in page.html
    assert volunteers(world) == 0
    assert register(newcomer, good | {"region": "110101", "province": "110000"}).location == DONE


def test_nobody_gets_past_a_step_and_back_keeps_everything(newcomer, good):
    assert newcomer.get(f"{PATH}?step=finish").location == f"{PATH}?step=who"
    assert send_step(newcomer, "who", good).location == f"{PATH}?step=ability"
    assert newcomer.get(f"{PATH}?step=finish").location == f"{PATH}?step=ability"
    assert newcomer.get(f"{PATH}?step=guardian").location == f"{PATH}?step=ability"
    back = send_step(newcomer, "ability", {"skills": ["03"]}, action="back")
    assert back.location == f"{PATH}?step=who"
    page = newcomer.page(back.location)
    assert "第 1 步，共 3 步" in page.text
    assert page.of("name").value == good["name"]
    assert page.of("id_number").value == good["id_number"]
    assert newcomer.page(f"{PATH}?step=ability").of("skills").chosen == ["03"]


def test_the_privacy_notice_comes_before_the_first_field(world, newcomer):
    for browser in (newcomer, world.browser()):
        html = browser.page(PATH).html
        assert html.index("《隐私政策》") < html.index("field__input")


def test_a_whole_form_of_before_is_still_taken(newcomer, good):
    assert newcomer.post(PATH, good).location == DONE


def test_the_same_form_twice_is_one_volunteer(world, newcomer, good):
    register(newcomer, good)
    assert newcomer.post(PATH, good).status_code == 303
    assert volunteers(world) == 1


def test_8_presses_at_once_are_one_volunteer_and_nobody_sees_an_error(world, good):
    person = world.account()
    browsers = [world.browser(person) for _ in range(8)]
    answers = world.at_once([lambda browser=browser: browser.post(PATH, good) for browser in browsers])
    assert [answer.status_code for answer in answers] == [303] * 8
    assert volunteers(world) == 1


def test_the_same_id_on_another_phone_is_refused_without_telling(world, newcomer, good):
    register(newcomer, good)
    page = read(register(world.browser(world.account()), good | {"name": "别人"}))
    (sentence,) = page.of("id_number").errors
    assert "现在不能用于注册" in sentence
    assert "欧阳" not in page.html
    assert volunteers(world) == 1


def born(years, good, today=date(2026, 11, 23)):
    day = date(today.year - years, today.month, today.day)
    return good | {"id_number": resident_id("210202", day, 11)}


PARENT = {"guardian_name": "欧阳家长", "guardian_phone": "17011112222", "guardian_consent": "y"}


def test_who_is_14_today_comes_with_a_guardian_who_proves_their_phone(world, newcomer, good, sms, clock):
    form = born(14, good) | PARENT
    assert register(newcomer, form).location == f"{PATH}?step=guardian"
    assert newcomer.get(f"{PATH}?step=finish").location == f"{PATH}?step=guardian"
    assert register(newcomer, form).location == f"{PATH}?step=guardian"
    assert newcomer.post(PATH, form).location == f"{PATH}?step=guardian"
    assert volunteers(world) == 0
    assert read(send_step(newcomer, "guardian", form)).of("code").errors
    assert read(consent_of_guardian(newcomer, sms, form | {"guardian_consent": ""})).of("guardian_consent").errors
    clock.advance(timedelta(minutes=2))
    assert consent_of_guardian(newcomer, sms, form).location == f"{PATH}?step=ability"
    send_step(newcomer, "ability", form)
    assert send_step(newcomer, "finish", form).location == DONE
    assert world.one(select(Volunteer.guardian_consented_at)) == clock.now()
    assert "欧阳**" in newcomer.page("/volunteer").text


def test_nobody_is_their_own_guardian(world, good, sms):
    person = world.account()
    browser, form = world.browser(person), born(15, good) | PARENT
    register(browser, form)
    for field, own in (("guardian_phone", person.phone), ("guardian_name", good["name"])):
        page = read(send_step(browser, "guardian", form | {field: own}, action="send"))
        assert page.of(field).errors, field
    assert sms.received == []


def test_another_guardian_is_asked_again(world, newcomer, good, sms):
    form = born(15, good) | PARENT
    register(newcomer, form)
    consent_of_guardian(newcomer, sms, form)
    assert "监护人已同意" in newcomer.page(f"{PATH}?step=guardian").text
    assert send_step(newcomer, "guardian", form).location == f"{PATH}?step=ability"
    other = form | {"guardian_phone": "17011113333"}
    assert send_step(newcomer, "guardian", other).status_code == 422
    assert newcomer.get(f"{PATH}?step=ability").location == f"{PATH}?step=guardian"
    assert newcomer.post(f"{PATH}?step=finish", form).location == f"{PATH}?step=guardian"
    assert volunteers(world) == 0


def test_a_code_for_the_own_phone_is_no_consent_of_a_guardian(newcomer, good, sms):
    form = born(15, good) | PARENT
    register(newcomer, form)
    send_step(newcomer, "guardian", form, action="send")
    code, others = sms.code(PARENT["guardian_phone"]), form | {"guardian_phone": "17011114444"}
    assert send_step(newcomer, "guardian", others, code=code).status_code == 422


def test_the_day_before_14_is_too_young(world, newcomer, good):
    page = refused(world, newcomer, good | {"id_number": resident_id("210202", date(2012, 11, 24), 11)} | PARENT)
    assert "14 周岁" in page.of("id_number").errors[0]


def test_an_18th_birthday_needs_no_guardian(newcomer, good):
    assert register(newcomer, born(18, good)).location == DONE


@pytest.mark.parametrize("name", ["长" * 30, "𠮷" * 30, "长" * 31])
def test_a_guardian_with_the_longest_name_is_stored_or_told(newcomer, good, name, sms):
    form = born(15, good) | PARENT | {"guardian_name": name}
    register(newcomer, form)
    if len(name) > 30:
        assert read(send_step(newcomer, "guardian", form, action="send")).of("guardian_name").errors
        return
    consent_of_guardian(newcomer, sms, form)
    send_step(newcomer, "ability", form)
    assert send_step(newcomer, "finish", form).location == DONE


def test_the_texts_are_accepted_in_their_versions(world, newcomer, good, clock):
    register(newcomer, good)
    rows = world.rows(select(Consent.document, Consent.version, Consent.accepted_at))
    assert {row[0] for row in rows} == {"volunteer-agreement", "privacy-notice", "id-number-consent"}
    assert all(row[1] and row[2] == clock.now() for row in rows)
    for document, version, _ in rows:
        assert newcomer.get(f"/agreements/{document}/{version}").status_code == 200


def test_an_organisation_may_be_joined_at_once_or_asked(world, root, newcomer, good):
    at_once, asked = world.organization(root, join_mode="2"), world.organization(root, join_mode="1")
    register(newcomer, good | {"organization": at_once.uid})
    assert at_once.name in newcomer.page("/volunteer").text
    other = world.browser(world.account())
    register(other, good | {"organization": asked.uid, "id_number": new_id_number()})
    assert "待审核" in other.page("/volunteer").text
    states = world.rows(select(Membership.state).order_by(Membership.id))
    assert states == [("active",), ("pending",)]


def test_a_closed_organisation_is_not_offered_and_not_joined(world, root, newcomer, good):
    closed = world.organization(root, join_mode="3")
    assert closed.name not in newcomer.page(PATH).html
    page = refused(world, newcomer, good | {"organization": closed.uid})
    assert page.of("organization").errors


def test_who_is_a_volunteer_already_is_led_on(world, volunteer):
    assert world.browser(volunteer).get(f"{PATH}?next=/policies").location == "/policies"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("110105194912310021", "逐位核对"),
        ("210281190002290012", "出生日期不存在"),
        ("110105491231002", "15 位"),
    ],
)
def test_all_that_is_wrong_with_who_one_is_shows_at_once(world, newcomer, good, number, words):
    page = refused(world, newcomer, good | {"name": "", "id_number": number, "id_consent": ""})
    assert "请填写姓名" in page.of("name").errors[0]
    assert words in page.of("id_number").errors[0]
    assert "请阅读说明并同意" in page.of("id_consent").errors[0]
    assert "有 3 处需要修改" in page.text


def test_a_document_of_another_kind_tells_all_that_lacks_at_once(world, newcomer, good):
    wrong = {"name": "", "id_type": "03", "id_number": "E1", "gender": "", "birth_date": "2026-02-30"}
    page = refused(world, newcomer, good | wrong)
    assert [len(page.of(name).errors) for name in ("name", "id_number", "gender", "birth_date")] == [1, 1, 1, 1]
    assert "存在的日期" in page.of("birth_date").errors[0]
    assert "有 4 处需要修改" in page.text


def test_whose_type_of_document_is_not_chosen_is_told_the_rest_too(world, newcomer, good):
    page = refused(world, newcomer, good | {"name": "", "id_type": "", "id_number": ""})
    assert "请选择证件类型" in page.of("id_type").errors[0]
    assert "请填写证件号码" in page.of("id_number").errors[0]
    assert "有 3 处需要修改" in page.text


def test_who_is_too_young_learns_it_beside_the_other_faults(world, newcomer, good):
    young = resident_id("210202", date(2024, 1, 1), 7)
    page = refused(world, newcomer, good | {"name": "", "id_number": young})
    assert "请填写姓名" in page.of("name").errors[0]
    assert "暂时不能注册" in page.text
