"""The pictures of organisations: taken from their form, and shown to whoever may see them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response

from app import config, files, pictures
from app.accounts import services as accounts
from app.accounts.guards import accounts_only, the_account
from app.accounts.visitor import current_account
from app.context import here
from app.database import in_transaction, session
from app.errors import Forbidden, NotFound
from app.files import StoredFile
from app.organizations import chronicle, permissions
from app.organizations.forms import FactsForm
from app.organizations.guards import looks_from_above
from app.organizations.models import APPLICATION, LOGO, Organization
from app.organizations.papers import SEALED, SIDES
from app.web.guards import public
from app.web.pictures import PicturesField, send, send_sealed

bp = Blueprint("organization_papers", __name__)


def keep(form: FactsForm, organization: Organization | None = None) -> None:
    """Store what was sent with the form, for this organisation, or for the one that the person registers."""
    for field, kind in ((form.application, APPLICATION), (form.logo, LOGO)):
        _keep(field, kind, organization.id if organization else None)


def _keep(field: PicturesField, kind: str, organization_id: int | None) -> None:
    limits, folder = here.config.limits, config.from_root(here.config.content.uploads)
    account_id = the_account().id
    whose = {"organization_id": organization_id, "account_id": account_id}

    def known(uids: list[str]) -> list[str]:
        return files.claimable(uids, kind, **whose, owner_id=organization_id)

    def store(data: bytes) -> str:
        files.check_in_hand(account_id, limits.pictures_in_hand)
        bounds: dict[str, Any] = {"most_bytes": limits.picture_bytes, "most_pixels": limits.picture_pixels}
        picture = pictures.read(data, **bounds, sides=SIDES[kind])
        how: dict[str, Any] = {**whose, "is_sealed": kind in SEALED, "folder": folder, "now": here.clock.now()}
        return in_transaction(lambda: files.store_picture(picture, kind, **how).uid)

    field.keep(known, store)


def keep_with_draft(form: FactsForm) -> None:
    """Let what a half-filled form names stay for as long as the form does. In the transaction of whoever keeps that."""
    until = here.clock.now() + timedelta(days=here.config.retention.draft_days)
    for field, kind in ((form.application, APPLICATION), (form.logo, LOGO)):
        files.keep_on(kind, the_account().id, field.data, until)


@bp.get("/organization/applications/<uid:uid>-<any(large,small):size>.jpg")
@accounts_only
def application(uid: str, size: str) -> Response:
    """A page of 注册申请表. Each look from above is written down."""
    file = _sent(uid, APPLICATION)
    if file.owner_id:
        organization = session.get_one(Organization, file.owner_id)
        if looks_from_above(organization, permissions.VIEW_APPLICATION):
            in_transaction(lambda: _note(uid))
    elif file.account_id != the_account().id:
        raise NotFound
    return send_sealed(config.from_root(here.config.content.uploads), _sent(uid, APPLICATION), size)


def _note(uid: str) -> None:
    """About the leader, if that is somebody with an account: they read it among their own data."""
    file = _sent(uid, APPLICATION)
    organization = session.get_one(Organization, file.owner_id)
    leader = accounts.find_account_by_phone(organization.leader_phone) if organization.leader_phone else None
    words, whom = f"{organization.name}：第 {file.position + 1} 页", leader.id if leader else None
    actor, now = the_account(), here.clock.now()
    chronicle.note(organization, "application.viewed", words, actor=actor, now=now, whom=whom)


@bp.get("/organizations/logos/<uid:uid>-<any(large,small):size>.jpg")
@public
def logo(uid: str, size: str) -> Response:
    """标志: everybody's once the organisation is in the directory; before, of its own people and of those above it."""
    file, account = _sent(uid, LOGO), current_account()
    organization = session.get_one(Organization, file.owner_id) if file.owner_id else None
    is_public = organization is not None and organization.may_publish
    if organization is None and (account is None or file.account_id != account.id):
        raise NotFound
    if organization is not None and not is_public:
        _check_sight(organization)
    return send(config.from_root(here.config.content.uploads), file, size, is_public=is_public)


def _check_sight(organization: Organization) -> None:
    try:
        looks_from_above(organization, permissions.VIEW)
    except Forbidden:
        raise NotFound from None


def _sent(uid: str, kind: str) -> StoredFile:
    file = files.find(uid)
    if file is None or file.kind != kind:
        raise NotFound
    return file
