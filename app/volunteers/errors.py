"""Refusals about volunteers."""

from app.errors import AppError


class AlreadyRegistered(AppError):
    message, status = "您已经是科技志愿者，无需重复注册", 409


class IdNumberNotAccepted(AppError):
    # Says nothing about whether somebody else has it: a stranger must not learn who is registered.
    message = "这个证件号码现在不能用于注册。请核对号码；如果您以前用别的手机号注册过，请找回；也可以联系当地科协"
    status, field = 422, "id_number"


class NotTheOwner(AppError):
    message, status, field = "与登记的证件号码不一致，请核对后再填", 422, "last_six"


class OwnerNotChecked(AppError):
    message, status, field = "现在不能核对，请稍后再试", 503, "last_six"


class TooYoung(AppError):
    message, status, field = "您的年龄还不满足注册科技志愿者的要求", 422, "id_number"


class GuardianNeeded(AppError):
    message, status, field = "未满 18 周岁需要监护人同意，请先填写监护人", 422, "id_number"


class NoGuardianNeeded(AppError):
    message, status = "您已满 18 周岁，不需要监护人；如果出生日期不对，请先在“更正姓名或证件”里更正", 422


class NotAGuardian(AppError):
    message, status, field = "监护人不能是您本人", 422, "guardian_name"


class NotRecoverable(AppError):
    # The same for a phone and a number that do not belong together, and for whoever may not come back this way.
    message, status = "现在不能自动找回，请联系您的组织或当地科协核对", 422


class TooManyPasswords(AppError):
    message, status, field = "今天口令输错太多次，请明天再试，或先不加入这个组织", 429, "join_password"


class TooManyReveals(AppError):
    message, status = "今天查看的电话和证件已达上限，请明天再看；急事请发消息", 429


class MinorProtected(AppError):
    message, status = "未成年人的电话和证件不对组织者显示，请发消息联系", 403
