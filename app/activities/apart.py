"""每个场次单独发布成一个活动: one form that stands for several activities."""

from dataclasses import replace
from datetime import datetime

from app import files
from app.activities import drafts, gallery, services
from app.activities.facts import ActivityFacts
from app.activities.forms import ActivityForm
from app.activities.models import PICTURES
from app.organizations.models import Organization
from app.privacy import uid_of
from app.web.forms import Moment

#: What a form has for several shifts, and one for itself has not.
OF_SEVERAL = {"more_shifts", "is_apart", "removed", "cover", "repeat_days", "repeat_weeks", "repeat_until", "repeated"}


def is_several(form: ActivityForm, facts: ActivityFacts) -> bool:
    return bool(form.is_apart.data) and len(facts.shifts) > 1


def parts_of(facts: ActivityFacts, now: datetime) -> list[ActivityFacts]:
    """What each of the activities says, all with the same pictures."""
    first, last_start = facts.starts_at, max(shift.starts_at for shift in facts.shifts)
    made = []
    for shift in facts.shifts:
        later = shift.starts_at - first
        closes = shift.starts_at if facts.signup_end_at == last_start else facts.signup_end_at + later
        leaves = facts.cancel_deadline_at + later if facts.cancel_deadline_at else None
        # What begins at once begins so for all; what begins later, as long before each as before the first.
        opens = facts.signup_start_at + later if facts.signup_start_at > now else facts.signup_start_at
        one = replace(facts, shifts=(shift,), signup_start_at=opens, cancel_deadline_at=leaves)
        made.append(replace(one, signup_end_at=min(closes, shift.ends_at)))
    return made


def split(
    facts: ActivityFacts, key: str, organization: Organization, *, now: datetime
) -> list[tuple[ActivityFacts, str]]:
    """An activity for each shift, each with the name of its form: the first has the form's own."""
    made = []
    for number, one in enumerate(parts_of(facts, now)):
        if number == 0:
            made.append((one, key))
            continue
        name = uid_of(f"{key}:{number}")
        there = services.find_by_form_key(name, organization)
        # A picture belongs to one activity.
        shown = [file.uid for file in files.of(PICTURES, there.id)] if there else gallery.copies(facts.pictures)
        made.append((replace(one, pictures=tuple(shown)), name))
    return made


def typed_of(typed: drafts.Typed, one: ActivityFacts, name: str, *, now: datetime) -> drafts.Typed:
    """What was typed, for one of several that one form stands for: sent back, it is mended by itself."""
    (shift,) = one.shifts
    leaves = one.cancel_deadline_at
    own = {
        "form_key": name,
        "shift_uid": shift.uid,
        "shift_title": shift.title,
        "shift_place": shift.place,
        "starts_at": Moment.text(shift.starts_at),
        "ends_at": Moment.text(shift.ends_at),
        "quota": str(shift.quota),
        "signup_start_at": Moment.text(one.signup_start_at) if one.signup_start_at > now else "",
        "signup_end_at": "" if one.signup_end_at == shift.starts_at else Moment.text(one.signup_end_at),
        "cancel_deadline_at": Moment.text(leaves) if leaves else "",
    }
    kept = {key: values for key, values in typed.items() if key.split("-")[0] not in OF_SEVERAL}
    return kept | {key: [value] for key, value in own.items()} | {"pictures": list(one.pictures)}
