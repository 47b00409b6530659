"""上级组织 on a page: the list to choose from, as 注册 and 编辑信息 of what was sent back offer it."""

from app.context import here
from app.organizations import parents, services
from app.organizations.forms import ParentForm
from app.organizations.models import Organization
from app.web import readers


def offer(form: ParentForm, kept: Organization | None = None) -> None:
    """Fill in the list: what was chosen, what line and region suggest, what was searched for, and what is `kept`."""
    deepest, root = here.config.limits.organization_depth, services.find_root()
    form.is_under_the_root = root is not None and form.parent.data == root.uid
    if form.suggests:
        form.near_parents = parents.suggested(
            form.st_line.data or "", form.region.data or "", deepest, name=form.name.data or ""
        )
    text = _searched(form.parent_text.data)
    rows = parents.found(text, deepest)
    form.parent_found = len(rows) if text else None
    every = {row.uid: row.name for row in (*form.near_parents, *rows)}
    if form.parent.data and form.parent.data not in every:
        chosen = parents.chosen(form.parent.data, deepest)
        every |= {chosen.uid: chosen.name} if chosen else {}
    form.parent.offers = list((every | ({kept.uid: kept.name} if kept else {})).items())


def _searched(text: str | None) -> str:
    try:
        return readers.clean((text or "")[:50])
    except ValueError:
        return ""
