import pytest

from tests.organizations.calls import NAMES, PATH


@pytest.fixture
def good(root):
    """What the form of 注册 needs, and no more."""
    return {
        "name": "滨城科普志愿服务队",
        "st_line": "G",
        "parent": root.uid,
        "region": "210202",
        "address": "青泥街道1号",
        "founded_on": "2019-03-05",
        "leader_name": "欧阳队长",
        "leader_phone": "17011113333",
        "service_categories": ["K1", "K3"],
        "join_mode": "1",
        "intro": "常年开展科普。",
    }


@pytest.fixture
def legal(good):
    """The same of one that is a legal body: nobody asks it for a paper form."""
    return good | {"org_class": "2", "uscc": "52210200MJ00000004"}


@pytest.fixture
def folder(world, tmp_path):
    """Where uploads lie."""
    with world.settings(content={"uploads": str(tmp_path / "uploads")}):
        yield tmp_path / "uploads"


@pytest.fixture
def admin_form():
    return {"form_key": "k" * 22, "name": "欧阳队长", "position": "队长", "agreement": "y", "privacy": "y"}


@pytest.fixture
def applicant(world, root):
    return world.browser(world.account())


@pytest.fixture
def caller(world, root):
    """Whoever opens registration to units that are expected: the root's owner."""
    return world.browser(root.admin)


@pytest.fixture
def called(caller):
    """Three units are expected."""
    assert caller.post(PATH, {"due_on": "2026-12-31", "names": NAMES}).status_code == 303
