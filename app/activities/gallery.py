"""The pictures of activities: taken from a form, and shown to whoever may see the activity."""

from flask import Blueprint, Response

from app import config, files, pictures
from app.accounts.guards import the_account
from app.activities import queries
from app.activities.models import PICTURES, Activity, ActivityState
from app.context import here
from app.database import in_transaction
from app.errors import NotFound
from app.organizations.guards import admin_row, the_organization
from app.web.guards import public
from app.web.pictures import PicturesField, send

bp = Blueprint("gallery", __name__)


def keep(field: PicturesField, activity: Activity | None = None) -> None:
    """Store what was sent with the form, for this activity of the organisation or for one that is not there yet."""
    limits, folder = here.config.limits, config.from_root(here.config.content.uploads)
    organization_id, account_id = the_organization().id, the_account().id
    owner_id = activity.id if activity else None

    def known(uids: list[str]) -> list[str]:
        return files.claimable(uids, PICTURES, organization_id=organization_id, owner_id=owner_id)

    def store(data: bytes) -> str:
        picture = pictures.read(data, most_bytes=limits.picture_bytes, most_pixels=limits.picture_pixels)
        whose = {"account_id": account_id, "organization_id": organization_id}
        now = here.clock.now()
        return in_transaction(lambda: files.store_picture(picture, PICTURES, folder=folder, **whose, now=now).uid)

    field.keep(known, store)


@bp.get("/activities/pictures/<uid:uid>-<any(large,small):size>.jpg")
@public
def picture(uid: str, size: str) -> Response:
    """One picture. That of an activity that was not published yet is for its own organisation alone."""
    file = files.find(uid)
    if file is None or file.kind != PICTURES:
        raise NotFound
    activity = queries.find(file.owner_id) if file.owner_id else None
    is_public = activity is not None and activity.state in (ActivityState.PUBLISHED, ActivityState.CANCELLED)
    row = admin_row()
    if not is_public and (row is None or row.organization_id != file.organization_id):
        raise NotFound
    return send(config.from_root(here.config.content.uploads), file, size, is_public=is_public)
