"""What an organisation says of itself beyond what everybody needs: asked by kind, folded away, checked, sealed."""

import pytest
from sqlalchemy import select

from app.accounts.models import Account
from app.database import in_transaction, session
from app.organizations.fields import credit_code
from app.organizations.models import Organization
from app.own_data import services as own_data
from tests.factories import new_id_number
from tests.pages import read

PATH = "/organization/register"
ADMIN = f"{PATH}?step=admin"
CREDIT_CODE = "52210200MJ00000004"


def registered(world, applicant, form, admin_form):
    assert applicant.post(PATH, form).location == ADMIN
    answer = applicant.post(ADMIN, admin_form)
    assert answer.status_code == 303, read(answer).alerts

    def look():
        row = session.scalar(select(Organization).where(Organization.name == form["name"]))
        names = ("org_class", "unit_type", "uscc", "city", "province", "backing_unit", "backing_phone", "skills")
        more = ("leader_id_number", "contact_phone", "planned_size", "can_offer", "is_legacy", "is_phone_public")
        return {name: getattr(row, name) for name in names + more}

    return world.do(look)


def test_the_short_form_makes_a_group_that_the_organisation_above_agreed_to(world, applicant, good, admin_form):
    row = registered(world, applicant, good, admin_form)
    assert (row["org_class"], row["unit_type"], row["backing_unit"]) == ("1", "16", "")
    assert (row["city"], row["province"]) == ("210200", "210000")


def test_all_that_may_be_said_is_kept(world, applicant, good, admin_form):
    number = new_id_number()
    more = {
        "org_class": "2",
        "uscc": " 5221 0200-mj00000004 ",
        "unit_type": "14",
        "backing_unit": "滨城科学馆",
        "backing_name": "经办者",
        "backing_phone": "0411 8123 4567",
        "contact_name": "联系者",
        "contact_phone": "+86 170-1111-4444",
        "is_phone_public": "y",
        "leader_id_number": number,
        "leader_id_consent": "y",
        "planned_size": "30",
        "skills": ["01", "08"],
        "can_offer": ["1", "2"],
        "is_legacy": "y",
    }
    row = registered(world, applicant, good | more, admin_form)
    assert (row["uscc"], row["unit_type"], row["backing_phone"]) == (CREDIT_CODE, "14", "0411-81234567")
    assert (row["contact_phone"], row["leader_id_number"], row["planned_size"]) == ("17011114444", number, 30)
    assert (row["skills"], row["can_offer"], row["is_legacy"]) == (["01", "08"], ["1", "2"], True)
    kept = str(world.rows(select(*Organization.__table__.columns)))
    for secret in (number, "17011114444", "81234567"):
        assert secret not in kept


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"org_class": "2"}, "uscc", "单独登记的组织请填写"),
        ({"org_class": "3"}, "uscc", "单独登记的组织请填写"),
        ({"org_class": "9"}, "org_class", "从列表中选择"),
        ({"uscc": "52210200MJ00000005"}, "uscc", "有误"),
        ({"uscc": "52210200MJ0000000O"}, "uscc", "有误"),
        ({"backing_unit": "滨城科学馆"}, "backing_name", "经办人"),
        ({"backing_unit": "滨城科学馆", "backing_name": "某人"}, "backing_phone", "批准单位的电话"),
        ({"backing_phone": "12345"}, "backing_phone", "带区号"),
        ({"is_social_organization": "y"}, "registration_no", "登记证号"),
        ({"contact_name": "联系者"}, "contact_phone", "联系人的电话"),
        ({"leader_id_number": "110105194912310021"}, "leader_id_number", "逐位核对"),
        ({"leader_id_number": "11010519491231002X"}, "leader_id_consent", "先得到负责人同意"),
        ({"planned_size": "-5"}, "planned_size", "整数"),
        ({"skills": ["zz"]}, "skills", "从列表中选择"),
        ({"needs": ["9"]}, "needs", "从列表中选择"),
        ({"short_name": "简"}, "short_name", "至少 2 个字"),
    ],
)
def test_what_a_kind_of_organisation_needs_is_told_beside_its_field(world, applicant, good, changes, field, words):
    answer = applicant.post(PATH, good | changes)
    assert answer.status_code == 422, answer.location
    page = read(answer)
    assert any(words in error for error in page.of(field).errors), page.alerts
    assert page.of("name").value == good["name"]


def test_a_fold_with_an_error_in_it_is_open(applicant, good):
    html = applicant.post(PATH, good | {"org_class": "2"}).get_data(as_text=True)
    assert html.count('<details class="more-fields" open>') == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("９１３５０１００ｍ０００１００ｙ４３", "91350100M000100Y43"),
        (" 5221-0200-MJ00-0000-04", CREDIT_CODE),
        ("91350100M000100Y44", None),
        ("", None),
        ("9" * 5000, None),
        ("١" * 18, None),
    ],
)
def test_a_credit_code_is_read_as_people_type_it(text, code):
    assert credit_code(text) == code


def test_an_authority_with_a_letter_has_codes_as_well():
    """Farmers' cooperatives have codes that begin with N, which the library's own check refuses."""
    body = "N2210200MA0000000"
    (right,) = [body + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if credit_code(body + last)]
    assert right.startswith("N2")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("010-62345678", "010-62345678"),
        ("（0411）8123 4567", "0411-81234567"),
        ("0411-81234567-802", "0411-81234567-802"),
        ("17011114444", "17011114444"),
    ],
)
def test_an_offices_phone_keeps_its_area_code(applicant, good, text, kept):
    assert applicant.post(PATH, good | {"contact_phone": text}).location == ADMIN
    assert applicant.page(PATH).of("contact_phone").value == kept


def test_what_is_typed_is_kept_while_it_is_typed_but_for_an_id_number_nobody_agreed_to(applicant, good):
    number = new_id_number()
    kept = {"action": "keep", "name": "滨城", "leader_id_number": number, "uscc": "x" * 5000}
    assert applicant.post(PATH, good | kept).status_code == 204
    page = applicant.page(PATH)
    assert page.of("name").value == "滨城"
    assert page.of("leader_id_number").value == ""
    assert len(page.of("uscc").value) < 100
    assert number not in page.html


def test_who_is_named_as_the_one_to_call_finds_it_among_their_data_and_can_be_taken_out(world, root):
    person, number = world.account(), new_id_number()
    named = {"contact_name": "联系标记", "contact_phone": person.phone, "leader_id_number": number}
    world.organization(root, leader_phone=person.phone, leader_name="负责标记", **named)

    def look():
        account = session.get_one(Account, person.account_id)
        before = own_data.export(account)
        in_transaction(lambda: own_data.erase(session.get_one(Account, person.account_id)))
        return before

    before = world.do(look)
    assert before["organizations.contact"][0]["contact_phone"] == person.phone
    assert before["organizations.leader"][0]["leader_id_number"] == number
    kept = select(Organization.leader_name, Organization.contact_name, Organization.leader_id_number_sealed)
    assert world.rows(kept.where(Organization.parent_id.is_not(None))) == [("", "", None)]


def test_what_is_left_empty_is_shown_as_what_it_means(world, root):
    """To its own people, to whoever judges it, and to the leader among their own data."""
    leader = world.volunteer()
    team = world.organization(root, review="parent", leader_name="欧阳队长", leader_phone=leader.phone)
    pages = (
        world.browser(team.admin).page("/organization").text,
        world.browser(root.admin).page(f"/organization/below/{team.uid}/review").text,
    )
    for text in pages:
        for words in (f"{root.name}（上级组织）", "上级组织的联系人", "欧阳队长（负责人）"):
            assert words in text
    assert "欧阳队长（负责人）" in world.browser(root.admin).page(f"/organization/below/{team.uid}").text
    data = world.do(lambda: own_data.export(session.get_one(Account, leader.account_id)))
    assert data["organizations.leader"][0]["is_contact"] is True


def test_who_names_another_contact_and_unit_is_shown_with_those(world, root):
    named = {"backing_unit": "滨城科学馆", "backing_name": "经办者", "backing_phone": "0411-81234567"}
    team = world.organization(root, **named, contact_name="联系者", contact_phone="17011114444")
    text = world.browser(team.admin).page("/organization").text
    for words in ("滨城科学馆", "经办者", "联系者", "170****4444"):
        assert words in text
    assert "上级组织的联系人" not in text
    assert "（负责人）" not in text
