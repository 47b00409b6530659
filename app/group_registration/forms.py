"""What is sent in 团体注册, by who brings the sheet and by who is on it."""

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, ValidationError

from app import codes
from app.volunteers.fields import AbilityForm, IdentityFields
from app.web.forms import Form, accepted


class SheetForm(Form):
    sheet = FileField("名单文件（xlsx）")

    def validate_sheet(self, field: FileField) -> None:
        if not field.data or not field.data.filename:
            raise ValidationError("请选择填好的名单文件")


class InvitationForm(Form):
    """An answer to one invitation: the one that the page showed."""

    invitation = HiddenField()


class ActivationForm(IdentityFields, AbilityForm, InvitationForm):
    """确认注册: what was entered, to be corrected, and what only the person can agree to."""

    agreement = BooleanField("我已阅读并同意", [accepted("请阅读并同意注册协议")])
    privacy = BooleanField("我已阅读并同意", [accepted("请阅读并同意隐私政策")])

    @property
    def asks_more(self) -> bool:
        """Whether the document does not tell birth date and gender."""
        return bool(self.id_type.data != codes.RESIDENT_ID)
