"""What an organisation shows besides words: the pages of its 注册申请表, for few, and its 标志, for everybody.

The pages hold personal data of a leader. They lie sealed (app/kept_bytes.py) and go when the organisation is refused
for good or merged, and when the leader takes their data out.
"""

from collections.abc import Sequence

from app import codes, files
from app.database import session
from app.organizations.models import APPLICATION, LOGO, Organization

MOST_PAGES = 3
#: The longer sides, in pixels: a form is to be read, a 标志 is small.
SIDES = {APPLICATION: (2000, 480), LOGO: (480, 160)}
#: Which kinds lie sealed.
SEALED = {APPLICATION}


def take(organization: Organization, application: Sequence[str], logo: str, *, by: int) -> None:
    """Make these pictures, sent for the organisation or by the person before there was one, all that it has."""
    for kind, uids in ((APPLICATION, application), (LOGO, [logo] if logo else [])):
        files.claim(uids, kind, organization.id, organization_id=organization.id, account_id=by)
    organization.logo = files.firsts(LOGO, [organization.id]).get(organization.id, "")
    session.flush()
    session.expire(organization, ["pages"])


def drop(organization: Organization) -> None:
    """Take its pictures away."""
    for kind in (APPLICATION, LOGO):
        files.forget(kind, [organization.id])
    organization.logo = ""
    session.flush()
    session.expire(organization, ["pages"])


def lacking(organization: Organization) -> list[tuple[str, str]]:
    """What the register asks for (domain facts 6.1) and the organisation has not said: field and label."""
    is_asked = organization.parent_id is not None and organization.org_class == codes.UNREGISTERED_GROUP
    wanted = {
        ("intro", "组织简介"): not organization.intro,
        ("application", "注册申请表扫描件"): is_asked and not organization.application,
    }
    return [what for what, is_lacking in wanted.items() if is_lacking]
