"""A registration that somebody has begun and not sent: what was typed on both pages, and which edition was shown."""

import json
from hashlib import sha256
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from app.accounts import services as accounts
from app.accounts.guards import the_account
from app.context import here
from app.database import in_transaction
from app.organizations import expected, paper_pages, parent_choice, services
from app.organizations.expected import Handed
from app.organizations.forms import AdminForm, OrganizationForm
from app.privacy import new_uid
from app.web import readers

Typed = dict[str, Any]


def typed() -> Typed:
    """What is kept of the first page."""
    return accounts.load_draft(the_account(), services.DRAFT)


def edition_of(words: Typed) -> str:
    """Which words they are, in a few letters; empty when there are none."""
    return sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()[:32] if words else ""


def prepare(form: OrganizationForm) -> None:
    """What the form needs before it is judged or shown: its pictures, what is asked, and organisations above."""
    if here.config.organizations.review == "parent":
        form.ask_for_all()
    paper_pages.keep(form)
    handed = expected.find_link(form.link.data)
    if handed and handed.parent.uid == form.parent.data:
        # By the link for all of the 总队 come units of every kind and place: wherever below it, they count for it.
        form.is_invited, form.suggests = True, not handed.name and handed.parent.parent_id is None
    parent_choice.offer(form)


def keep(form: OrganizationForm) -> None:
    """Keep what was typed, and of which name the person said that it is none of those that are nearly the same."""

    def act() -> None:
        said = typed().get("not_same")
        draft = ({"not_same": said} if said == form.name.data else {}) | form.draft()
        accounts.save_draft(the_account(), services.DRAFT, draft, here.clock.now())
        paper_pages.keep_with_draft(form)

    in_transaction(act)


def opened() -> OrganizationForm:
    """The form as it was left, or as the link says that was handed out, or with the 总队 as the organisation above."""
    words, form = typed(), OrganizationForm()
    if words and not form.is_refilled:
        form = OrganizationForm(MultiDict(words))
    link = request.args.get("link")
    handed = expected.find_link(link or form.link.data)
    if handed and not (form.parent.data and handed.uid == form.link.data):
        _take_link(form, handed)
    root = services.find_root()
    form.parent.data = form.parent.data or (root.uid if root else "")
    return form


def _take_link(form: OrganizationForm, handed: Handed) -> None:
    """The organisation above of the link, and its unit's name, unless the person has typed one of their own."""
    before = expected.find_link(form.link.data)
    if not form.name.data or (before and form.name.data == before.name):
        form.name.data = handed.name
    form.link.data = handed.uid
    if handed.parent.may_publish:
        form.parent.data = handed.parent.uid


def facts(words: Typed) -> OrganizationForm | None:
    """The organisation's facts as they were kept, if they hold."""
    form = OrganizationForm(MultiDict(words), meta={"csrf": False})
    prepare(form)
    return form if words and form.is_consistent(here.clock.now()) else None


def admin() -> AdminForm:
    """The second page's form, as it was sent or left."""
    kept = accounts.load_draft(the_account(), services.ADMIN_DRAFT)
    form = AdminForm(form_key=new_uid(), **{name: kept.get(name, "") for name in AdminForm.KEPT})
    form.form_key.data = readers.form_key(form.form_key.data) or new_uid()
    return form


def keep_admin(form: AdminForm) -> None:
    content = form.draft()
    in_transaction(lambda: accounts.save_draft(the_account(), services.ADMIN_DRAFT, content, here.clock.now()))


def is_another(form: AdminForm, words: Typed) -> bool:
    """Whether the page with the admin's form showed other facts than are kept now, typed elsewhere meanwhile."""
    return form.seen.data not in (None, "", edition_of(words))


def drop() -> None:
    """It was sent. In the transaction of whoever sends it."""
    for name in (services.DRAFT, services.ADMIN_DRAFT):
        accounts.drop_draft(the_account(), name)
