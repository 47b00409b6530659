"""Pages for those who act for an organisation. The loader is the guard: what it gives, the person may act on."""

from collections.abc import Callable

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from app.accounts.guards import to_log_in
from app.accounts.visitor import logged_in
from app.errors import Forbidden, NotFound
from app.organizations import permissions, queries
from app.organizations.models import Organization, OrganizationAdmin, OrganizationState
from app.web.guards import Check, View, audience


def admin_row() -> OrganizationAdmin | None:
    """As what the person acts now: for the organisation the session remembers, or the first of theirs."""
    if "admin_row" not in g:
        login = logged_in()
        rows = queries.admin_rows(login.account_id) if login else []
        chosen = (row for row in rows if login and row.organization_id == login.organization_id)
        g.admin_row = next(chosen, rows[0] if rows else None)
    row: OrganizationAdmin | None = g.admin_row
    return row


def _needs(permission: str) -> Check:
    def check() -> ResponseReturnValue | None:
        if logged_in() is None:
            return to_log_in()
        row = admin_row()
        if row is None:
            return redirect(url_for("organizations.register"), 303)
        if not permissions.may(row.role, permission):
            raise Forbidden
        return None

    return check


def admins_only(permission: str) -> Callable[[View], View]:
    """Pages for admins whose role has the permission in their own organisation."""
    return audience(f"organization:{permission}", _needs(permission))


def is_allowed(permission: str) -> bool:
    """Whether the person may do it in the organisation that they act for: for what a page offers."""
    row = admin_row()
    return row is not None and permissions.may(row.role, permission)


def the_organization() -> Organization:
    """The organisation that the person acts for."""
    row = admin_row()
    if row is None:
        raise Forbidden
    return row.organization


def organization_below(uid: str, permission: str) -> Organization:
    """Another organisation, if it lies below the person's own and their role allows it. Strangers get NotFound."""
    row, organization = admin_row(), queries.find_by_uid(uid)
    if row is None or organization is None or organization.id == row.organization_id:
        raise NotFound
    if not organization.path.startswith(row.organization.path):
        raise NotFound
    if not permissions.may(row.role, permission, below=True):
        raise Forbidden
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


def _is_above(one: Organization, other: Organization) -> bool:
    is_inside = one.id != other.id and other.path.startswith(one.path)
    return is_inside and one.state == OrganizationState.APPROVED
