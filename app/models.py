"""Every table, in one place, for migrations and for what walks over all of them."""

from app import files
from app.accounts import models as accounts
from app.activities import export_requests, titles
from app.activities import models as activities
from app.database import Base
from app.governance import models as governance
from app.group_registration import models as group_registration
from app.notices import models as notices
from app.organizations import member_names
from app.organizations import models as organizations
from app.volunteers import models as volunteers

__all__ = [
    "Base",
    "accounts",
    "activities",
    "export_requests",
    "files",
    "governance",
    "group_registration",
    "member_names",
    "notices",
    "organizations",
    "titles",
    "volunteers",
]

metadata = Base.metadata
