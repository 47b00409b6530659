"""The pictures of activities: taken from a form, and shown to whoever may see the activity."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.exc import IntegrityError

from app import config, files, pictures
from app.accounts.guards import the_account
from app.activities import queries
from app.activities.models import PICTURES, Activity, ActivityState, RecruitScope
from app.context import here
from app.database import in_transaction, session
from app.errors import NotFound
from app.files import CannotKeep
from app.organizations import permissions
from app.organizations.acting import admin_row
from app.organizations.guards import the_organization
from app.organizations.models import Organization
from app.privacy import uid_of
from app.volunteers.guards import current_volunteer
from app.web.guards import public
from app.web.pictures import PicturesField, send

bp = Blueprint("gallery", __name__)


def keep(field: PicturesField, activity: Activity | None = None, *, form_key: str = "") -> None:
    """Store what was sent with the form, for this activity of the organisation or for one that is not there yet.

    A form that was begun as a copy of another activity names its pictures: they are copied, once for each form.
    """
    limits, folder = here.config.limits, config.from_root(here.config.content.uploads)
    organization_id, account_id = the_organization().id, the_account().id
    owner_id = activity.id if activity else None

    def known(uids: list[str]) -> list[str]:
        own = set(files.claimable(uids, PICTURES, organization_id=organization_id, owner_id=owner_id))
        others = {uid: _copied(uid, organization_id, form_key) for uid in uids if uid not in own and form_key}
        names = [uid if uid in own else others.get(uid, "") for uid in uids]
        return files.claimable(names, PICTURES, organization_id=organization_id, owner_id=owner_id)

    def store(data: bytes) -> str:
        files.check_in_hand(account_id, limits.pictures_in_hand)
        picture = pictures.read(data, most_bytes=limits.picture_bytes, most_pixels=limits.picture_pixels)
        whose: dict[str, Any] = {"account_id": account_id, "organization_id": organization_id, "now": here.clock.now()}
        return in_transaction(lambda: files.store_picture(picture, PICTURES, folder=folder, **whose).uid)

    field.keep(known, store)


def _copied(uid: str, organization_id: int, form_key: str) -> str:
    """The copy that this form has of another activity's picture; empty if there is none to be had."""
    file = files.find(uid)
    if file is None or file.kind != PICTURES or file.organization_id != organization_id:
        return ""
    # The same each time that the form is sent, and it is sent often: it keeps itself as a draft.
    name = uid_of(f"{form_key}:{uid}")
    folder, now = config.from_root(here.config.content.uploads), here.clock.now()
    try:
        if files.find(name) is None:
            in_transaction(lambda: files.copy_of(_there(uid), folder=folder, uid=name, now=now))
    except IntegrityError:
        return name  # made by the same form at the same moment
    except (CannotKeep, NotFound):
        return ""
    return name


def _there(uid: str) -> files.StoredFile:
    file = files.find(uid)
    if file is None:
        raise NotFound
    return file


def copies(uids: Sequence[str]) -> tuple[str, ...]:
    """The same pictures once more, as nobody's, in the transaction of whoever asks."""
    folder = config.from_root(here.config.content.uploads)
    found = [file for uid in uids if (file := files.find(uid))]
    return tuple(files.copy_of(file, folder=folder, now=here.clock.now()).uid for file in found)


@bp.get("/activities/pictures/<uid:uid>-<any(large,small):size>.jpg")
@public
def picture(uid: str, size: str) -> Response:
    """One picture. That of an activity that was not published yet is for its own organisation alone."""
    file = files.find(uid)
    if file is None or file.kind != PICTURES:
        raise NotFound
    activity = queries.find(file.owner_id) if file.owner_id else None
    is_published = activity is not None and activity.state in (ActivityState.PUBLISHED, ActivityState.CANCELLED)
    is_public = is_published and activity is not None and activity.recruit_scope != RecruitScope.CLOSED
    if not is_public and not _may_see(file, activity if is_published else None):
        raise NotFound
    return send(config.from_root(here.config.content.uploads), file, size, is_public=is_public)


def _may_see(file: files.StoredFile, published: Activity | None) -> bool:
    """Those of the organisation; of what waits for review, those above; of what is not public, those on its list."""
    row = admin_row()
    if row is not None and file.organization_id:
        owner = session.get_one(Organization, file.organization_id)
        judges = permissions.may(row.role, permissions.REVIEW_BELOW, below=True)
        if row.organization_id == owner.id or (judges and owner.path.startswith(row.organization.path)):
            return True
    volunteer = current_volunteer()
    return bool(published and volunteer and queries.sign_ups_of(published, volunteer.id))
