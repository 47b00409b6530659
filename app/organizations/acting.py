"""For which of their organisations a person acts now, and that no page of one acts for another."""

from collections.abc import Sequence

import flask
from flask import current_app, flash, g, request

from app.accounts.visitor import logged_in, seems_logged_in
from app.organizations import queries
from app.organizations.errors import OtherOrganization
from app.organizations.models import OrganizationAdmin
from app.web import opened_for, typed
from app.web.guards import audience_of

#: The entry of the cookie with for how many organisations somebody acted on the page before: 0, 1, or SEVERAL. A log-in
#: takes it away.
ORGANIZATIONS = "organizations"
SEVERAL = 2


def admin_rows() -> Sequence[OrganizationAdmin]:
    """For which organisations the person may act, asked once a request."""
    if "admin_rows" not in g:
        login = logged_in()
        g.admin_rows = queries.admin_rows(login.account_id) if login else []
    rows: Sequence[OrganizationAdmin] = g.admin_rows
    return rows


def admin_row() -> OrganizationAdmin | None:
    """As what the person acts now: for the organisation the session remembers, or the first of theirs."""
    if "admin_row" not in g:
        login, rows = logged_in(), admin_rows()
        chosen = (row for row in rows if login and row.organization_id == login.organization_id)
        g.admin_row = next(chosen, rows[0] if rows else None)
    row: OrganizationAdmin | None = g.admin_row
    return row


def acting(*, only_known: bool = False) -> tuple[OrganizationAdmin, list[OrganizationAdmin]] | None:
    """As what the person acts, and as what else they could: for the bar on top.

    It stands on the pages of an organisation, and for whoever acts for several on all others, too. With `only_known`
    nothing is asked and nothing told, for pages that say that the site has a fault.
    """
    if only_known:
        return None
    is_theirs = audience_of(current_app, request.endpoint).startswith("organization:")
    if is_theirs and g.get("admin_row") is None:
        return None
    if not is_theirs and _organizations() < SEVERAL:
        return None
    mine = admin_row()
    others = [row for row in admin_rows() if mine and row.organization_id != mine.organization_id]
    _note(len(admin_rows()))
    return (mine, others) if mine and (is_theirs or others) else None


def _organizations() -> int:
    """For how many organisations the person may act: what is found with their session says it.

    A page that does not ask for the session asks here, but for whoever acted for none on the page before.
    """
    if not seems_logged_in():
        return 0
    if "logged_in" in g or flask.session.get(ORGANIZATIONS) != 0:
        login = logged_in()
        if login is None:
            return 0
        _note(login.organizations)
    return int(flask.session[ORGANIZATIONS])


def _note(number: int) -> None:
    if flask.session.get(ORGANIZATIONS) != min(number, SEVERAL):
        flask.session[ORGANIZATIONS] = min(number, SEVERAL)


def check_opened_for(mine: OrganizationAdmin) -> None:
    """Raises OtherOrganization where the page, or the form that was sent, is another organisation's of the person."""
    uid, rows, is_sent = opened_for.named(), admin_rows(), request.method not in ("GET", "HEAD")
    meant = next((row.organization for row in rows if row.organization.uid == uid), None)
    if is_sent and not uid and len(rows) > 1:
        choices = {row.organization.uid: row.organization.name for row in (mine, *rows)}
        raise OtherOrganization("您代表多个组织，请选择这次代表哪一个，再提交一次", choices)
    if is_sent and uid and meant is None:
        raise OtherOrganization("您已不再代表打开这一页时的组织，请重新打开这一页", {})
    if meant and meant.id != mine.organization_id:
        message = f"这是“{meant.name}”的页面，您现在代表“{mine.organization.name}”"
        raise OtherOrganization(message, {meant.uid: meant.name})
    opened_for.note(mine.organization.uid)
    _remind(mine)


def check_whose(organization_id: int) -> None:
    """Raises OtherOrganization if the person acts for that organisation, too, only not now."""
    mine = admin_row()
    meant = next((row.organization for row in admin_rows() if row.organization_id == organization_id), None)
    if mine and meant and meant.id != mine.organization_id:
        message = f"这是“{meant.name}”的页面，您现在代表“{mine.organization.name}”"
        raise OtherOrganization(message, {meant.uid: meant.name})


def _remind(mine: OrganizationAdmin) -> None:
    """Say so where something that was typed for another organisation waits for this page."""
    uid = typed.whose_is_kept()
    waits = next((row.organization for row in admin_rows() if row.organization.uid == uid), None)
    if waits and waits.id != mine.organization_id:
        flash(f"您代表“{waits.name}”填写的内容还在：切换到“{waits.name}”，再打开这一页，就会放回来")
