"""The shifts of the activity's form: the first is part of the plain form, others come when somebody asks for them."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import request
from wtforms import BooleanField, FormField, HiddenField
from wtforms import Form as PlainForm

from app.activities import repeats
from app.activities.errors import QuotaRefused
from app.activities.facts import ShiftFacts
from app.activities.fields import Names, Rows
from app.activities.models import Activity, Shift
from app.clock import today
from app.errors import AppError
from app.privacy import new_uid
from app.web.choices import Chips
from app.web.forms import Day, Form, Moment, Needed, Text, WholeNumber

MOST_SHIFTS = 60
MOST_REPEAT_DAYS = 366
ADD, REMOVE, REPEAT = "add-shift", "remove-shift-", "repeat"
NAMES = ("uid", "title", "starts_at", "ends_at", "quota", "place")


def title_field() -> Text:
    return Text("场次名称", longest=50)


def start_field() -> Moment:
    return Moment("开始时间", [Needed("请填写开始时间")])


def end_field() -> Moment:
    return Moment("结束时间", [Needed("请填写结束时间")])


def quota_field() -> WholeNumber:
    return WholeNumber("招募人数", [Needed("请填写招募人数，不限人数填 0")], least=0, most=100_000)


def place_field() -> Text:
    return Text("这一场的地点", longest=100)


class ShiftRow(PlainForm):
    """One more shift."""

    uid = HiddenField()
    title = title_field()
    starts_at = start_field()
    ends_at = end_field()
    quota = quota_field()
    place = place_field()


class FirstRow:
    """The first shift, whose fields are the form's own."""

    def __init__(self, form: "ShiftRows") -> None:
        self.uid, self.title, self.place = form.shift_uid, form.shift_title, form.shift_place
        self.starts_at, self.ends_at, self.quota = form.starts_at, form.ends_at, form.quota


def _values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name).data for name in NAMES}


def _day(row: dict[str, Any]) -> str:
    return str(row["starts_at"])[:10]


def _kind(row: dict[str, Any]) -> tuple[str, ...]:
    return row["title"], row["quota"], row["place"], row["starts_at"][11:], row["ends_at"][11:]


class ShiftRows(Form):
    """What a form with shifts has for them."""

    shift_uid = HiddenField()
    shift_title = title_field()
    starts_at = start_field()
    ends_at = end_field()
    quota = quota_field()
    shift_place = place_field()
    more_shifts = Rows(FormField(ShiftRow), max_entries=MOST_SHIFTS - 1)
    repeat_days = Chips("在星期几重复", codes=repeats.WEEKDAYS)
    repeat_weeks = WholeNumber("每几周一次", least=1, most=12)
    repeat_until = Day("重复到哪一天")
    #: What the last press of 生成场次 made, as it made it: replaced by the next one, unless it was changed by hand.
    repeated = HiddenField()
    #: Each shift an activity of its own.
    is_apart = BooleanField("每个场次单独发布成一个活动")
    #: Shifts that were there when the page was opened, and are to go.
    removed = Names(default=[])

    def is_refresh(self) -> bool:
        action = request.form.get("action", "")
        return super().is_refresh() or action in (ADD, REPEAT) or action.startswith(REMOVE)

    def put_repeats(self) -> None:
        """按周重复: rows like the first one, on the days that were asked for; errors beside those fields."""
        fields = (self.starts_at, self.ends_at, self.repeat_weeks, self.repeat_until, self.repeat_days)
        for field in fields:
            field.errors = []
            try:
                field.pre_validate(self)
            except ValueError as error:
                field.errors = [str(error)]
        start, end, until = self.starts_at.instant, self.ends_at.instant, self.repeat_until.day
        if not start or not end or end <= start:
            self.starts_at.errors = [*self.starts_at.errors, "先填好第一场的开始和结束时间"]
        if not until:
            self.repeat_until.errors = self.repeat_until.errors or ["请填写重复到哪一天"]
        if not self.repeat_days.data:
            self.repeat_days.errors = ["请选择在星期几重复"]
        if any(field.errors for field in fields) or not (start and end and until):
            return
        days = {int(day) for day in self.repeat_days.data}
        if until > today(start) + timedelta(days=MOST_REPEAT_DAYS):
            self.repeat_until.errors = ["最多重复到一年以内"]
            return
        spans = repeats.times(start, end, days, self.repeat_weeks.number or 1, until)
        first = _values(self.rows[0])
        wanted = [{**first, "starts_at": Moment.text(begins), "ends_at": Moment.text(ends)} for begins, ends in spans]
        made, others = self._made_before(wanted)
        if len(wanted) + len(others) > MOST_SHIFTS:
            self.repeat_until.errors = [f"会有 {len(wanted) + len(others)} 场，最多 {MOST_SHIFTS} 场；请缩短时间"]
            return
        rows = [row | {"uid": made.pop(_day(row), "") or new_uid()} for row in wanted]
        self.removed.data = [*self.removed.data, *filter(None, made.values())]
        self.put_rows([*rows, *others])
        self.repeated.data = " ".join(map(repeats.mark, rows))

    def _made_before(self, wanted: list[dict[str, Any]]) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """The first row and those that an earlier press made, or would make: their names by their day. And the others,
        which somebody wrote or changed by hand and keeps."""
        first, *more = (_values(row) for row in self.rows)
        marks, like = set((self.repeated.data or "").split()), {repeats.mark({**row, "uid": ""}) for row in wanted}
        made, others = {_day(first): first["uid"] or ""}, []
        for row in more:
            if repeats.mark(row) not in marks and repeats.mark({**row, "uid": ""}) not in like:
                others.append(row)
            elif _day(row) not in made:
                made[_day(row)] = row["uid"] or ""
            else:
                self.removed.data = [*self.removed.data, *filter(None, [row["uid"]])]
        return made, others

    def refresh(self) -> None:
        """Do what a button asked for that only changes what is offered."""
        action = request.form.get("action", "")
        if action == REPEAT:
            self.put_repeats()
        elif self.is_refresh():
            self.change_rows(action)

    @property
    def rows(self) -> Sequence[Any]:
        """All shifts, the first one first; each with uid, title, starts_at, ends_at, quota and place."""
        return [FirstRow(self), *(entry.form for entry in self.more_shifts.entries)]

    def put_rows(self, values: list[dict[str, Any]]) -> None:
        """Show these shifts instead of those that are there."""
        first = FirstRow(self)
        for name in NAMES:
            getattr(first, name).data = values[0][name]
        while self.more_shifts.entries:
            self.more_shifts.pop_entry()
        for row in values[1:MOST_SHIFTS]:
            self.more_shifts.append_entry(row)

    def put_opened(self, values: list[dict[str, Any]]) -> None:
        """Shifts of an activity that is opened: those of the kind and hours of the first count as made from it."""
        self.put_rows(values)
        self.repeated.data = " ".join(repeats.mark(row) for row in values if _kind(row) == _kind(values[0]))

    def put_shifts(self, shifts: Sequence[Shift]) -> None:
        self.put_opened([_typed(shift) for shift in shifts])

    def change_rows(self, action: str) -> None:
        """再加一个场次, 删除这一场."""
        values = [_values(row) for row in self.rows]
        number = re.fullmatch(rf"{REMOVE}([0-9]{{1,2}})", action)
        if action == ADD and len(values) >= MOST_SHIFTS:
            self.form_errors.append(f"一个活动最多 {MOST_SHIFTS} 场")
            return
        if action == ADD:
            values.append({**values[-1], "uid": new_uid(), "title": "", **self._after_last()})
        elif number and int(number[1]) < len(values) > 1:
            gone = values.pop(int(number[1]))
            self.removed.data = [*self.removed.data, *filter(None, [gone["uid"]])]
        else:
            return
        self.put_rows(values)

    def _after_last(self) -> dict[str, str]:
        """The times of one more shift: as long as the last, and right after it."""
        moments = []
        for name in ("starts_at", "ends_at"):
            field = getattr(self.rows[-1], name)
            try:
                field.pre_validate(self)
            except ValueError:
                return {}
            moments.append(field.instant)
        start, end = moments
        if not start or not end or end <= start or end + (end - start) > end + timedelta(days=30):
            return {}
        return {"starts_at": Moment.text(end), "ends_at": Moment.text(end + (end - start))}

    @property
    def spans(self) -> list[tuple[datetime, datetime]]:
        """Start and end of each shift whose times are valid."""
        times = [(row.starts_at.instant, row.ends_at.instant) for row in self.rows]
        return [(start, end) for start, end in times if start and end]

    @property
    def has_all_times(self) -> bool:
        return len(self.spans) == len(self.rows)

    def check_shifts(self, longest_days: int, now: datetime, editing: Activity | None = None) -> None:
        """What the times must hold together, as far as they are valid; the fields carry the errors."""
        over = _over(editing, now)
        for row in self.rows:
            start, end = row.starts_at.instant, row.ends_at.instant
            if row.uid.data in over:
                *times, place = over[row.uid.data]
                if start and end and [Moment.text(start), Moment.text(end)] != times:
                    row.starts_at.errors = ["这一场已经结束，不能再改它的时间"]
                if (row.place.data or "") != place:
                    row.place.errors = ["这一场已经结束，不能再改它的地点"]
            elif start and end and end <= start:
                row.ends_at.errors = ["结束时间要晚于开始时间"]
            elif start and end and end - start > timedelta(days=longest_days):
                row.ends_at.errors = [f"一个活动最长 {longest_days} 天"]
            elif end and end <= now and len(self.rows) > 1:
                row.ends_at.errors = ["这一场已经结束，请改时间或删掉这一场"]
        if self.has_all_times:
            self._check_whole(longest_days, now)
        self.gather_errors()

    def _check_whole(self, longest_days: int, now: datetime) -> None:
        first = min(start for start, _ in self.spans)
        last = max(self.rows, key=lambda row: row.ends_at.instant)
        if not last.ends_at.errors:
            if last.ends_at.instant <= now:
                last.ends_at.errors = ["活动不能已经结束"]
            elif last.ends_at.instant - first > timedelta(days=longest_days):
                last.ends_at.errors = [f"一个活动最长 {longest_days} 天"]

    def gather_errors(self) -> None:
        # A list of forms knows the errors of its rows only as of when it was validated.
        errors = [entry.errors for entry in self.more_shifts.entries]
        self.more_shifts.errors = errors if any(errors) else []

    def shift_facts(self) -> tuple[ShiftFacts, ...]:
        return tuple(
            ShiftFacts(
                starts_at=row.starts_at.instant,
                ends_at=row.ends_at.instant,
                quota=row.quota.number,
                title=row.title.data or "",
                place=row.place.data or "",
                uid=_name(row.uid.data),
            )
            for row in self.rows
        )

    def refuse(self, error: AppError) -> None:
        if isinstance(error, QuotaRefused) and 0 < error.number < len(self.rows):
            self.rows[error.number].quota.errors = [error.message]
            self.gather_errors()
        else:
            super().refuse(error)


def _over(activity: Activity | None, now: datetime) -> dict[str, tuple[str, str, str]]:
    """Times and place of the shifts that ended, as a form has them, by uid: what they were is what people served."""
    shifts = activity.shifts if activity else ()
    ended = [shift for shift in shifts if shift.ends_at <= now]
    return {one.uid: (Moment.text(one.starts_at), Moment.text(one.ends_at), one.place) for one in ended}


def _name(text: str | None) -> str:
    return text if text and re.fullmatch(r"[A-Za-z0-9_-]{1,32}", text) else new_uid()


def _typed(shift: Shift) -> dict[str, str]:
    return {
        "uid": shift.uid,
        "title": shift.title,
        "starts_at": Moment.text(shift.starts_at),
        "ends_at": Moment.text(shift.ends_at),
        "quota": str(shift.quota),
        "place": shift.place,
    }
