"""Who belongs to an organisation and to one below it is one person, however often they stand in a list."""

import pytest

from tests import factories

BELOW = "/organization/volunteers?below=1"


@pytest.fixture
def boss(world, root):
    return world.browser(root.admin)


def cards(page):
    """The text of each card of the list."""
    return ["".join(card.split("</li>")[0].split()) for card in page.html.split('<li class="card')[1:]]


def test_each_of_the_rows_of_one_person_names_the_other_organisations(world, root, team, boss):
    both = world.volunteer(name="张甲")
    for home in (root, team):
        world.do(lambda home=home: factories.join(both, home))
    below, own = cards(boss.page(BELOW))
    assert team.name in below
    assert "同一人也在本组织" in below
    assert "张甲" in below, "an own member is no stranger on the other row"
    assert f"同一人也在{team.name}" in own
    assert "张甲" in own


def test_who_is_only_below_stays_masked_and_names_the_other_organisation_below(world, root, team, boss):
    other, person = world.organization(root), world.volunteer(name="张甲")
    for home in (team, other):
        world.do(lambda home=home: factories.join(person, home))
    first, second = cards(boss.page(BELOW))
    assert f"同一人也在{team.name}" in first
    assert f"同一人也在{other.name}" in second
    assert "张甲" not in first + second


def test_organisations_elsewhere_are_not_named(world, root, team):
    sibling, person = world.organization(root), world.volunteer(name="张甲")
    for home in (team, sibling):
        world.do(lambda home=home: factories.join(person, home))
    (card,) = cards(world.browser(team.admin).page(BELOW))
    assert "同一人" not in card
    assert sibling.name not in card


def test_the_number_with_those_below_counts_memberships_and_says_so(world, root, team, boss):
    both = world.volunteer()
    for home in (root, team):
        world.do(lambda home=home: factories.join(both, home))
    page = boss.page(BELOW)
    assert "1 人，连同下级 2 人次" in page.text
    assert "含下级 1 人次" in boss.page("/organization/below").text
