"""What forms share: the base, and fields that read as people type."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.csrf import _FlaskFormCSRF
from flask_wtf.form import _Auto
from markupsafe import Markup
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.csrf.core import CSRFTokenField

from app.clock import from_local, local
from app.errors import AppError
from app.web import opened_for, readers, typed


class Key(CSRFTokenField):
    """The key of a form, and beside it for whom its page was opened."""

    def __call__(self, **shown: Any) -> Markup:
        key: Markup = super().__call__(**shown)
        return key + opened_for.mark()


class Keys(_FlaskFormCSRF):
    field_class = Key


class Form(FlaskForm):
    """A form of ours. Buttons that only change what is offered (another province) send it without judging it."""

    REFRESHING: tuple[str, ...] = ("province",)

    class Meta(FlaskForm.Meta):
        csrf_class = Keys

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if formdata is not _Auto:
                return formdata
            if form.is_submitted():
                typed.note_sent(form)
            return super().wrap_formdata(form, formdata) or typed.into(form)

    @property
    def is_refilled(self) -> bool:
        """Whether the form has again what was typed into it before, though it was not sent now."""
        return bool(self.form_errors) and not self.is_submitted()

    def is_refresh(self) -> bool:
        return request.form.get("action") in self.REFRESHING

    def is_to_be_judged(self) -> bool:
        """Whether it was sent, and not only to change what is offered."""
        return bool(self.is_submitted()) and not self.is_refresh()

    def validate_on_submit(self, extra_validators: Any = None) -> bool:
        return self.is_to_be_judged() and bool(self.validate(extra_validators))

    def complain(self, name: str, sentence: str) -> None:
        """Say it beside the field, unless there is something to say already: one thing at a time is mended."""
        field = self[name]
        field.errors = field.errors or [sentence]

    def refuse(self, error: AppError) -> None:
        """Show a refusal beside the field that it belongs to, or above the form."""
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(error.message)
        else:
            field.errors = [*field.errors, error.message]

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form."""
        return 422 if self.is_submitted() and self.errors else 200


class Needed:
    """The field must be filled in."""

    field_flags = {"needed": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Form, field: Field) -> None:
        data = field.data.strip() if isinstance(field.data, str) else field.data
        if not data and not field.errors:
            raise ValidationError(self.message)


class Text(StringField):
    """One line of text, or several."""

    data: Any

    def __init__(
        self, label: str, validators: Sequence[Any] = (), *, longest: int, shortest: int = 0, **more: Any
    ) -> None:
        super().__init__(label, validators, **more)
        self.longest, self.shortest = longest, shortest

    multiline = False

    def pre_validate(self, form: Any) -> None:
        try:
            text = readers.clean(self.data or "", multiline=self.multiline)
        except ValueError as error:
            raise ValidationError(f"{self.label.text}{error}") from None
        if len(text) > self.longest:
            raise ValidationError(f"{self.label.text}最多 {self.longest} 个字，现在有 {len(text)} 个")
        if text and len(text) < self.shortest:
            raise ValidationError(f"{self.label.text}至少 {self.shortest} 个字")
        self.data = text


class Title(Text):
    """What something is called: at least two letters, digits or characters, and as many signs as one likes."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.data and not readers.says_something(self.data):
            raise ValidationError(f"{self.label.text}至少要有两个汉字、字母或数字")


class LongText(Text, TextAreaField):
    multiline = True
    widget = TextAreaField.widget


class PersonName(Text):
    """A person's name: Chinese or Latin letters, the middle dot of minority names, spaces inside."""

    PATTERN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffffA-Za-zÀ-ɏ·' .-]+")

    def __init__(self, label: str, validators: Sequence[Any] = (), **more: Any) -> None:
        super().__init__(label, validators, **{"longest": 50, "shortest": 2, **more})

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if not self.data.isascii():
            # Keyboards offer many dots; minority names have one, U+00B7.
            self.data = re.sub("[•・‧∙．]", "·", self.data)
        if self.data and not (self.PATTERN.fullmatch(self.data) and readers.says_something(self.data)):
            raise ValidationError(f"{self.label.text}只能用汉字或字母，少数民族姓名中间用“·”")


class Phone(StringField):
    """A mainland mobile number."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        number = readers.phone(self.data)
        if number is None:
            raise ValidationError("请填写 11 位手机号，例如 13800001234")
        self.data = number


class Code(StringField):
    """The six digits of a text message."""

    data: Any

    def pre_validate(self, form: Any) -> None:
        if self.data:
            self.data = readers.digits(self.data[:40])
            if not re.fullmatch(r"[0-9]{6}", self.data):
                raise ValidationError("验证码是短信里的 6 位数字")


class WholeNumber(StringField):
    """A whole number within bounds; `number` is its value once it is valid."""

    number: int = 0

    def __init__(self, label: str, validators: Sequence[Any] = (), *, least: int, most: int, **more: Any) -> None:
        super().__init__(label, validators, **more)
        self.least, self.most = least, most

    def pre_validate(self, form: Any) -> None:
        # Not readers.digits: of 10-15 people, or of -5, it would make another number.
        text = unicodedata.normalize("NFKC", (self.data or "")[:40]).strip()
        if not text:
            return
        if not re.fullmatch(r"[0-9]{1,9}", text) or not self.least <= int(text) <= self.most:
            raise ValidationError(f"{self.label.text}请填 {self.least} 到 {self.most} 的整数")
        self.number = int(text)


class Day(StringField):
    """A date as YYYY-MM-DD; `day` is its value once it is valid."""

    day: date | None = None

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        if not text:
            return
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
        try:
            self.day = date(*(int(part) for part in match.groups())) if match else None
        except ValueError:
            self.day = None
        if self.day is None or not 1900 <= self.day.year <= 2100:
            raise ValidationError(f"{self.label.text}请按 2026-01-31 的样子填写一个存在的日期")


class Moment(StringField):
    """A time in China as YYYY-MM-DDTHH:MM; `instant` is its value in UTC once it is valid."""

    instant: datetime | None = None

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip().replace(" ", "T")
        if not text:
            return
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::00)?", text)
        try:
            wall = datetime(*map(int, match.groups())) if match else None  # type: ignore[arg-type]  # noqa: DTZ001
        except ValueError:
            wall = None
        if wall is None or not 1900 <= wall.year <= 2100:
            raise ValidationError(f"{self.label.text}请按 2026-01-31 09:00 的样子填写")
        self.instant = from_local(wall)

    def moment(self) -> datetime | None:
        """What is typed, valid or not yet judged; None when it is no time."""
        try:
            self.pre_validate(None)
        except ValueError:
            return None
        return self.instant

    @staticmethod
    def text(moment: datetime) -> str:
        return local(moment).strftime("%Y-%m-%dT%H:%M")


def accepted(message: str) -> Any:
    """A box that must be ticked."""

    def check(form: Form, field: Field) -> None:
        if not field.data:
            raise ValidationError(message)

    return check
