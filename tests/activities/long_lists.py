"""What people do about a list of very many people, and what is kept of it."""

from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.activities.export_requests import ExportRequest

SENT = {"group": "in", "reason": "购买保险", "form_key": "k" * 22}


def ask(boss, event, **changed):
    """Ask for the list; returns the address of the wish."""
    answer = boss.post(f"/organization/activities/{event.id}/roster/export", SENT | changed)
    assert answer.status_code == 303
    return answer.location


def judge(world, person, address, action="accept", reason=""):
    return world.browser(person, proved=True).post(address, {"action": action, "reason": reason})


def download(browser, address):
    return browser.post(address, {"action": "download"})


def states(world):
    return [state for (state,) in world.rows(select(ExportRequest.state).order_by(ExportRequest.id))]


def audit(world):
    """(action, whom it concerns, who did it) of what was done about lists, in order."""
    query = select(AuditEntry.action, AuditEntry.account_id, AuditEntry.actor_id)
    return world.rows(query.where(AuditEntry.action.startswith("roster.")).order_by(AuditEntry.id))
