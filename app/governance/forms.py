"""What people write when they appeal, and when they decide."""

from app.web.choices import Radios
from app.web.forms import Form, LongText, Needed, Text

DECISIONS = {"upheld": "恢复成员资格", "dismissed": "维持清退"}


class AppealForm(Form):
    words = LongText("申诉理由", [Needed("请写明您为什么不同意")], shortest=5, longest=1000)


class DecisionForm(Form):
    outcome = Radios("处理结果", [Needed("请选择处理结果")], codes=DECISIONS)
    decision = Text("说明", [Needed("请写明理由，对方会看到")], shortest=2, longest=200)
