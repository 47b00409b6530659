"""What somebody answered so far of 注册, step by step; kept as a draft until it is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.config import Limits
from app.errors import AppError
from app.volunteers.fields import AbilityForm, IdentityFields
from app.volunteers.forms import FinishForm, GuardianForm
from app.volunteers.services import Guardian, check_age, is_minor
from app.web.forms import Form

WHO, GUARDIAN, ABILITY, FINISH = "who", "guardian", "ability", "finish"
#: In their order; only people under 18 see that of the guardian.
FORMS: dict[str, type[Form]] = {WHO: IdentityFields, GUARDIAN: GuardianForm, ABILITY: AbilityForm, FINISH: FinishForm}
#: Boxes that nobody finds ticked, and what is good for one sending only.
NOT_KEPT = ("agreement", "privacy", "guardian_consent", "code", "organization_name", "join_password")
#: Of whom a code came back, and when. No field of a form: nobody can send it.
PROOF = "guardian_proof"


def names_of(step: str) -> set[str]:
    return {field.name for field in FORMS[step](None, meta={"csrf": False})}


@dataclass(frozen=True)
class Answers:
    values: dict[str, list[str]]

    def with_sent(self, step: str, sent: MultiDict[str, str]) -> "Answers":
        """With the fields of the step as they were sent now; of all steps when `step` is none of them."""
        names = set().union(*(names_of(one) for one in ([step] if step in FORMS else FORMS)))
        others = {name: values for name, values in self.values.items() if name not in names}
        return Answers(others | {name: sent.getlist(name) for name in names if name in sent})

    def with_guardian(self, guardian: Guardian) -> "Answers":
        assert guardian.consented_at is not None
        return Answers(self.values | {PROOF: [guardian.name, guardian.phone, guardian.consented_at.isoformat()]})

    def to_keep(self) -> dict[str, list[str]]:
        left_out = set(NOT_KEPT)
        if not self.form(WHO).id_consent.data:
            # Nothing of it is kept before the person has agreed to that.
            left_out.add("id_number")
        return {name: values for name, values in self.values.items() if name not in left_out}

    def form(self, step: str) -> Any:
        return FORMS[step](MultiDict(self.values), meta={"csrf": False})

    @property
    def guardian(self) -> Guardian:
        """The guardian as typed last, with the consent if it is theirs."""
        form = self.form(GUARDIAN)
        for field in (form.guardian_name, form.guardian_phone):
            field.validate(form)
        name, phone = form.guardian_name.data or "", form.guardian_phone.data or ""
        proof = self.values.get(PROOF, [])
        consented_at = datetime.fromisoformat(proof[2]) if proof[:2] == [name, phone] else None
        return Guardian(name, phone, consented_at)

    def needs_guardian(self, now: datetime) -> bool:
        form: IdentityFields = self.form(WHO)
        identity = form.identity(now)
        return identity is not None and is_minor(identity.birth_date, now)

    def judged(self, step: str, limits: Limits, now: datetime) -> Any:
        """The form of the step, with its errors if it does not hold."""
        form = self.form(step)
        if step == WHO:
            identity = form.by_document(now)
            try:
                if identity:
                    check_age(identity.birth_date, limits, now)
            except AppError as error:
                form.refuse(error)
        elif step != GUARDIAN:
            form.validate()
        return form

    def unfinished(self, limits: Limits, now: datetime) -> Iterator[tuple[str, Any]]:
        """The steps before the last that do not hold yet, with their errors."""
        for step in (WHO, GUARDIAN, ABILITY):
            if step == GUARDIAN:
                if self.needs_guardian(now) and self.guardian.consented_at is None:
                    yield step, self.form(step)
                continue
            form = self.judged(step, limits, now)
            if form.errors:
                yield step, form

    def step_after(self, step: str, now: datetime) -> str:
        if step == WHO:
            return GUARDIAN if self.needs_guardian(now) else ABILITY
        return {GUARDIAN: ABILITY, ABILITY: FINISH}.get(step, FINISH)

    def step_before(self, step: str, now: datetime) -> str:
        if step == ABILITY:
            return GUARDIAN if self.needs_guardian(now) else WHO
        return {GUARDIAN: WHO, FINISH: ABILITY}.get(step, WHO)


def read(draft: Mapping[str, Any]) -> Answers:
    return Answers({name: list(values) for name, values in draft.items()})
