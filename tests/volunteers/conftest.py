import pytest

from tests.factories import new_id_number


@pytest.fixture
def good():
    """A form of 注册 as a grown-up sends it."""
    return {
        "name": "欧阳测试",
        "id_type": "01",
        "id_number": new_id_number(),
        "region": "210202",
        "skills": ["01", "05"],
        "services": ["K1"],
        "organization": "",
        "agreement": "y",
        "privacy": "y",
        "id_consent": "y",
    }
