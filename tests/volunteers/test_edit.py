"""编辑信息: what a volunteer changes without asking anybody."""

from app.volunteers.services import find_volunteer


def facts(world, volunteer):
    def look():
        found = find_volunteer(volunteer.account_id)
        skills = sorted(row.code for row in found.skills)
        return found.residence_region, skills, sorted(row.code for row in found.services)

    return world.do(look)


def test_the_form_shows_what_is_kept_and_saves_what_is_chosen(world, volunteer):
    browser = world.browser(volunteer)
    before = facts(world, volunteer)
    assert "编辑信息" in browser.get("/volunteer").text
    page = browser.get("/volunteer/edit").text
    assert f'value="{before[0]}" selected' in page
    answer = browser.post("/volunteer/edit", {"region": "210204", "skills": ["01", "03"], "services": ["K6"]})
    assert answer.status_code == 303
    assert facts(world, volunteer) == ("210204", ["01", "03"], ["K6"])
    again = browser.post("/volunteer/edit", {"region": "210204", "skills": ["03", "05"], "services": ["K6"]})
    assert again.status_code == 303
    assert facts(world, volunteer) == ("210204", ["03", "05"], ["K6"])


def test_mistakes_change_nothing_and_are_told(world, volunteer):
    browser = world.browser(volunteer)
    before = facts(world, volunteer)
    answer = browser.post("/volunteer/edit", {"region": "210200", "skills": [], "services": ["zz"]})
    assert answer.status_code == 422
    text = answer.text
    for sentence in ("请从列表中选择到区", "请至少选择一项专业技能", "服务类别请从列表中选择"):
        assert sentence in text
    assert facts(world, volunteer) == before


def test_another_province_may_be_chosen_and_what_was_ticked_stays(world, volunteer):
    browser = world.browser(volunteer)
    answer = browser.post("/volunteer/edit", {"action": "province", "province": "310000", "skills": ["05"]})
    assert answer.status_code == 200
    assert "黄浦区" in answer.text
    assert 'value="05" checked' in answer.text
