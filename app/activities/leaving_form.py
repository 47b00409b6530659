"""取消报名, 请假: why somebody does not come."""

from app.web.choices import Radios
from app.web.forms import Form, Needed, Text

#: Why somebody does not come, to choose from.
LEAVING_REASONS = {
    "time": "时间安排不开",
    "health": "身体不舒服",
    "family": "家里有事",
    "way": "路太远、不方便",
    "mistake": "报错了",
    "other": "其他原因",
}


class LeavingForm(Form):
    """取消报名, 请假."""

    why = Radios("原因", [Needed("请选择一个原因")], codes=LEAVING_REASONS)
    note = Text("补充说明", longest=100)

    @property
    def words(self) -> str:
        """The reason as the organiser reads it."""
        return "：".join(filter(None, (LEAVING_REASONS[self.why.data], self.note.data)))
