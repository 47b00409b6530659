"""Pages for those who act for an organisation. The loader is the guard: what it gives, the person may act on."""

from collections.abc import Callable
from urllib.parse import urlsplit

import flask
from flask import current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.accounts.guards import to_log_in
from app.accounts.models import Account
from app.accounts.visitor import logged_in
from app.context import here
from app.database import session
from app.errors import Forbidden, NotFound
from app.organizations import invitations, permissions, queries, suspending
from app.organizations.acting import admin_row, admin_rows, check_opened_for
from app.organizations.models import Organization, OrganizationAdmin, OrganizationState
from app.organizations.permissions import Sight
from app.privacy import MASKS
from app.web.guards import Check, View, audience, audience_of
from app.web.urls import page_left

#: The entry of the cookie with the key of an invitation whose link was opened.
INVITED = "invited"


def own_row() -> OrganizationAdmin:
    """As what the person acts, on a guarded page."""
    row = admin_row()
    if row is None:
        raise Forbidden
    return row


def _needs(permission: str) -> Check:
    def check() -> ResponseReturnValue | None:
        if logged_in() is None:
            return to_log_in()
        row = admin_row()
        if row is None:
            return redirect(url_for(_first_page()), 303)
        check_opened_for(row)
        if not permissions.may(row.role, permission):
            raise Forbidden
        if not permissions.is_left(row.organization.state, permission):
            raise Forbidden(suspending.why_it_rests(row.organization))
        return None

    return check


def _first_page() -> str:
    """Where somebody goes on who acts for nobody yet: to an invitation, if there is one."""
    return "invitations.index" if is_invited() else "organizations.register"


def is_invited() -> bool:
    """Whether somebody asked the person to act for an organisation, and waits for the answer."""
    login = logged_in()
    account = session.get(Account, login.account_id) if login else None
    key = flask.session.get(INVITED, "")
    return account is not None and bool(invitations.for_visitor(account, key, here.clock.now()))


def admins_only(permission: str) -> Callable[[View], View]:
    """Pages for admins whose role has the permission in their own organisation."""
    return audience(f"organization:{permission}", _needs(permission))


def is_allowed(permission: str) -> bool:
    """Whether the person may do it in the organisation that they act for: for what a page offers."""
    row = admin_row()
    is_held = row is not None and permissions.may(row.role, permission)
    return is_held and permissions.is_left(own_row().organization.state, permission)


def shown(field: str, value: str, *, below: bool = False) -> str:
    """A volunteer's field as the person may see it on a page: as it is, masked, or not at all."""
    how = permissions.sight(own_row().role, field, below=below)
    if not value or how == Sight.NEVER:
        return ""
    return value if how == Sight.CLEAR else MASKS[field](value)


def is_allowed_below(permission: str) -> bool:
    """Whether the person may do it in the organisations below the one that they act for."""
    row = admin_row()
    is_held = row is not None and permissions.may(row.role, permission, below=True)
    return is_held and (own_row().organization.may_publish or permission in permissions.LOOKING)


def the_organization() -> Organization:
    """The organisation that the person acts for."""
    return own_row().organization


def organization_below(uid: str, permission: str) -> Organization:
    """Another organisation, if it lies below the person's own and their role allows it. Strangers get NotFound."""
    row, organization = admin_row(), queries.find_by_uid(uid)
    if row is None or organization is None or organization.id == row.organization_id:
        raise NotFound
    if not organization.path.startswith(row.organization.path):
        raise NotFound
    if not permissions.may(row.role, permission, below=True):
        raise Forbidden
    if not row.organization.may_publish and permission not in permissions.LOOKING:
        raise Forbidden("本组织现在暂停或停用，恢复后才能管理下级组织")
    return organization


def judged_organization(uid: str) -> Organization:
    """An organisation below any that the person acts for, whichever they act for now. Strangers get NotFound."""
    login, organization = logged_in(), queries.find_by_uid(uid)
    if login is None or organization is None:
        raise NotFound
    rows = [row for row in queries.admin_rows(login.account_id) if _is_above(row.organization, organization)]
    if not rows:
        raise NotFound
    if not any(permissions.may(row.role, permissions.REVIEW_BELOW, below=True) for row in rows):
        raise Forbidden
    return organization


def reached(organization: Organization, permission: str) -> None:
    """Pass if the person acts for the organisation or one above it, whichever they act for now, in a role that may.

    Raises NotFound for strangers, Forbidden for the others.
    """
    own = (row for row in admin_rows() if row.organization_id == organization.id)
    rows = [*own, *(row for row in admin_rows() if _is_above(row.organization, organization))]
    if not rows:
        raise NotFound
    if not any(permissions.may(row.role, permission, below=row.organization_id != organization.id) for row in rows):
        raise Forbidden


def looks_from_above(organization: Organization, permission: str) -> bool:
    """Whether somebody who may look does so from an organisation above, whichever they act for now.

    Strangers get NotFound, people of it or of one above without the right Forbidden.
    """
    own = [row for row in admin_rows() if row.organization_id == organization.id]
    above = [row for row in admin_rows() if _is_above(row.organization, organization)]
    if not own and not above:
        raise NotFound
    is_left = permissions.is_left(organization.state, permission)
    if is_left and any(permissions.may(row.role, permission) for row in own):
        return False
    if any(permissions.may(row.role, permission, below=True) for row in above):
        return True
    raise Forbidden


def _is_above(one: Organization, other: Organization) -> bool:
    is_inside = one.id != other.id and other.path.startswith(one.path)
    return is_inside and one.state == OrganizationState.APPROVED


def list_left() -> str | None:
    """The page with the button, if every organisation has one like it: a page of one thing is another's."""
    address = page_left()
    if address is None:
        return None
    try:
        rule, values = current_app.url_map.bind("").match(urlsplit(address).path, return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    is_own = audience_of(current_app, rule.endpoint).startswith("organization:")
    return rule.rule if is_own and not values else None
