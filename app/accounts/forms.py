from app.web.forms import Code, Form, Needed, Phone


class ProofForm(Form):
    """A code to the phone of the account."""

    code = Code("验证码", [Needed("请填写短信里的验证码")])


class PhoneForm(Form):
    """手机号 → 发送验证码 → 验证码 → 下一步."""

    phone = Phone("手机号", [Needed("请填写手机号")])
    code = Code("验证码", [Needed("请填写短信里的验证码")])
