"""活动发布: the form, what it is begun from, and the draft that it keeps."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import files
from app.accounts.guards import the_account
from app.activities import apart, drafts, gallery, reviews, services, twins
from app.activities.copying import moved_shifts, opened_as_copy, usual_times
from app.activities.errors import (
    DraftGone,
    DraftTaken,
    DraftTooLong,
    PreviewOld,
    PublishedLately,
    PublishedOtherwise,
    TooManyDrafts,
)
from app.activities.facts import ActivityFacts
from app.activities.forms import MOST_PICTURES, ActivityForm
from app.activities.models import PICTURES, Activity, ActivityState
from app.activities.publishing import bp, own_activity_or_404
from app.activities.states import MENDABLE
from app.context import here
from app.database import in_transaction
from app.errors import AppError, NotFound
from app.organizations import permissions
from app.organizations.acting import admin_row
from app.organizations.guards import admins_only, the_organization
from app.organizations.models import Organization
from app.organizations.suspending import check_may_prepare
from app.privacy import new_uid, uid_of
from app.web import readers
from app.web.pictures import takes_pictures
from app.web.places import Position

__all__ = ["bp"]

#: What counts for one sending only; the declaration is made anew each time.
PASSING = {"csrf_token", "action", "declaration", "seen", "audience_text", "again"}
#: An activity that was published or handed in, what it says, and the name of its form.
Made = tuple[Activity, ActivityFacts, str]
#: Fields that nobody sees.
UNSEEN = {"edition", "form_key", "shift_uid", "cover", "more_shifts", "removed", "repeated", "beside"}


@bp.route("/organization/activities/new", methods=["GET", "POST"])
@admins_only(permissions.PUBLISH)
@takes_pictures(MOST_PICTURES)
def new() -> ResponseReturnValue:
    """活动发布"""
    organization = the_organization()
    check_may_prepare(organization)
    if request.method == "GET" and (draft := _asked("draft")) and draft.state not in MENDABLE:
        # Gone back to: it is what was published or handed in.
        return redirect(url_for(".show", activity_id=draft.id), 303)
    form, action = _begun(organization), request.form.get("action", "")
    form.offer(organization, here.config.site.region, now=here.clock.now())
    form.refresh()
    if request.method == "POST":
        key = readers.form_key(form.form_key.data)
        gallery.keep(form.pictures, drafts.find(key, organization), form_key=key or "")
        if action == "keep":
            # By the page itself, while somebody writes.
            return ("", 204) if _save(form) else (form.not_kept, 409, {"Content-Type": "text/plain; charset=utf-8"})
        if action == "draft" and _save(form):
            flash("草稿已保存，在“我发布的活动”的“草稿”里")
            return redirect(url_for(".index", phase="draft"), 303)
    if action == "preview":
        form.declaration.validators = ()  # asked for when it is published
    if action != "draft" and form.is_to_be_judged():
        facts = form.facts(here.config.limits, here.clock.now())
        if facts and (made := _save(form) if action == "preview" else publish(form, facts)):
            return redirect(url_for(".preview" if action == "preview" else ".show", activity_id=made), 303)
    is_new = request.method == "GET" and not request.args
    unfinished = drafts.newest(organization) if is_new else None
    page = {"organization": organization, "review": is_reviewed(), "unfinished": unfinished}
    page["draft"] = _draft_of(form, organization)
    return render_template("activities/new.html", form=form, **page), 409 if form.is_taken else form.status


def is_reviewed() -> bool:
    return here.config.activities.review == "parent" and the_organization().parent_id is not None


def _draft_of(form: ActivityForm, organization: Organization) -> Activity | None:
    """What is being mended: it may be thrown away, and may say why the organisation above did not let it pass."""
    draft = drafts.find(readers.form_key(form.form_key.data), organization)
    return draft if draft and draft.state in MENDABLE else None


def _begun(organization: Organization) -> ActivityForm:
    """The form as it is opened: empty but for what is known, a draft as it was left, or a copy of another activity."""
    row, now = admin_row(), here.clock.now()
    known: dict[str, Any] = {"form_key": new_uid(), "shift_uid": new_uid(), "edition": new_uid()}
    if request.method == "GET" and (draft := _asked("draft")):
        typed = drafts.typed_of(draft)
        return ActivityForm(MultiDict(typed | {"seen": [drafts.digest(typed)], "edition": [new_uid()]}))
    if request.method == "GET" and (model := _asked("copy")):
        form = ActivityForm(**(opened_as_copy(model, now) | known))
        if not form.is_refilled:
            form.put_opened(moved_shifts(model, now))
            form.pictures.data = [file.uid for file in files.of(PICTURES, model.id)]
        return form
    known |= usual_times(now) | {"region": _district_of(organization), "address": organization.address}
    known["position"] = Position.text(organization.position or (None, None))
    known |= {"leader_name": row.name if row else "", "leader_phone": row.account.phone if row else ""}
    if len(organization.service_categories) == 1:
        known["scope_category"] = organization.service_categories[0]
    return ActivityForm(**known)


def _district_of(organization: Organization) -> str:
    """Empty for one that is at work in a whole city or province: an activity takes place in a district."""
    return "" if organization.region.endswith("00") else organization.region


def _asked(name: str) -> Activity | None:
    """The activity of the organisation that the address names. Strangers' ones are not found."""
    number = readers.page_key(f"0-{request.args.get(name, '')}")
    if number is None:
        return None
    activity = own_activity_or_404(number[1])
    if name == "copy" and not activity.shifts:
        raise NotFound
    return activity


def _key_of(form: ActivityForm) -> str:
    return readers.form_key(form.form_key.data) or new_uid()


def _typed(form: ActivityForm, key: str) -> drafts.Typed:
    """What was typed into the form's own fields, under the name by which it is kept."""
    names = [name for name in request.form if name.split("-")[0] in form._fields and name not in PASSING]
    return {name: request.form.getlist(name) for name in names} | {"form_key": [key], "pictures": form.pictures.data}


def _save(form: ActivityForm) -> int | None:
    """Keep the draft; a refusal is shown in the form."""

    def keep() -> int:
        times = (form.starts_at.moment(), form.ends_at.moment())
        known = (times[0], times[1]) if times[0] and times[1] else None
        facts: dict[str, Any] = {"times": known, "pictures": form.pictures.data, "now": here.clock.now()}
        facts["seen"] = form.seen.data or ""
        key = _key_of(form)
        return drafts.save(_typed(form, key), the_organization(), form_key=key, **facts).id

    try:
        return in_transaction(keep)
    except AppError as error:
        _refuse(form, error)
        return None


def _refuse(form: ActivityForm, error: AppError) -> None:
    """Say why, and of a draft that somebody else has written meanwhile, what is otherwise. Sent once more, it holds."""
    form.refuse(error)
    if isinstance(error, TooManyDrafts | DraftTooLong):
        form.not_kept = f"自动保存停了：{error.message}"
    if isinstance(error, PublishedLately):
        form.lately, form.lately_edits = error.activity_id, error.may_be_edited
    if isinstance(error, PublishedOtherwise):
        # What was written may be kept, or published beside it, under a name of its own.
        form.beside.data = str(error.activity_id)
        form.form_key.data = uid_of(f"{form.form_key.data}:beside")
    draft = drafts.find(readers.form_key(form.form_key.data), the_organization())
    if not isinstance(error, DraftTaken) or draft is None:
        return
    there, mine = drafts.typed_of(draft), _typed(form, draft.form_key)
    names = [name for name in {**mine, **there} if there.get(name) != mine.get(name)]
    labels = [form[name].label.text for name in names if name in form and name not in UNSEEN]
    if labels:
        form.form_errors.append(f"现在的草稿与您写的不同的有：{'、'.join(labels)}")
    # Under a new name: the other page is told in its turn.
    form.seen.data, form.edition.data, form.is_taken = drafts.digest(there), new_uid(), True


def publish(form: ActivityForm, facts: ActivityFacts, previewed: drafts.Typed | None = None) -> int | None:
    """Publish what the form says, or the words of the draft that was looked at; a refusal is shown in the form."""

    def act() -> int:
        key, organization, now = _key_of(form), the_organization(), here.clock.now()
        row = drafts.held(key, organization)
        is_done = row is not None and row.state not in MENDABLE
        draft, typed = None if is_done else row, previewed or _typed(form, key)
        if previewed is None:
            drafts.check(draft, typed, form.seen.data or "")
        elif row is None:
            raise DraftGone
        elif draft and drafts.typed_of(draft) != previewed:
            raise PreviewOld
        if is_done:
            # Found as it is, or refused.
            return _made(form, facts, key)[0][0].id
        if not form.again.data:
            if form.there:
                raise PublishedOtherwise(form.there)
            model_id, begun = readers.row_id(request.args.get("copy")), row.created_at if row else None
            twins.check(facts, organization, model_id=model_id, begun=begun, by=the_account().id, now=now)
        if is_reviewed():
            how: dict[str, Any] = {"pictures": form.pictures.data, "seen": form.seen.data or "", "now": now}
            # What is handed in is no draft any more: however many there are, it goes.
            drafts.save(typed, organization, form_key=key, most=None, **how)
        made = _made(form, facts, key)
        _hand_in(made, typed, now)
        return made[0][0].id

    try:
        made = in_transaction(act)
    except AppError as error:
        _refuse(form, error)
        return None
    flash("已提交，等上级组织审核" if is_reviewed() else "活动已发布")
    return made


def _made(form: ActivityForm, facts: ActivityFacts, key: str) -> list[Made]:
    """One activity, or one for each shift."""
    organization, now = the_organization(), here.clock.now()
    is_one = not apart.is_several(form, facts)
    parts = [(facts, key)] if is_one else apart.split(facts, key, organization, now=now)
    how: dict[str, Any] = {"review": is_reviewed(), "by": the_account().id, "now": now}
    return [(services.publish(one, organization, form_key=name, **how), one, name) for one, name in parts]


def _hand_in(made: list[Made], typed: drafts.Typed, now: datetime) -> None:
    """Those above are asked; of several, each keeps what was typed for it."""
    for activity, one, name in made:
        if len(made) > 1 and is_reviewed():
            drafts.keep(activity, apart.typed_of(typed, one, name, now=now))
        if activity.state == ActivityState.PENDING_REVIEW:
            reviews.ask(activity, now=now)
