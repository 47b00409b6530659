"""What is proved before one's own data are changed, shown or erased."""

from wtforms import BooleanField

from app.web.forms import Code, Form, Needed, Phone, accepted


class ProofForm(Form):
    """A code to the phone of the account."""

    code = Code("验证码", [Needed("请填写短信里的验证码")])


class NewPhoneForm(Form):
    phone = Phone("新手机号", [Needed("请填写新手机号")])
    code = Code("验证码", [Needed("请填写短信里的验证码")])


class CloseForm(ProofForm):
    understood = BooleanField("我已看明白，确定注销", [accepted("请先看完上面的说明，再勾选")])
