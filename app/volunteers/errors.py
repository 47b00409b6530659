"""Refusals about volunteers."""

from app.errors import AppError


class AlreadyRegistered(AppError):
    message, status = "您已经是科技志愿者，无需重复注册", 409


class IdNumberNotAccepted(AppError):
    # Says nothing about whether somebody else has it: a stranger must not learn who is registered.
    message = "证件号码还不能通过核对。请检查号码；以前用别的手机号注册过的，可以找回，或联系当地科协"
    status, field = 422, "id_number"


class NotTheOwner(AppError):
    message, status, field = "与登记的证件号码不一致，请核对后再填", 422, "last_six"


class OwnerNotChecked(AppError):
    message, status, field = "现在不能核对，请稍后再试", 503, "last_six"


class TooYoung(AppError):
    message, status, field = "您的年龄还不满足注册科技志愿者的要求", 422, "id_number"


class GuardianNeeded(AppError):
    message, status, field = "未满 18 周岁需要监护人同意，请先填写监护人", 422, "id_number"


class NotAGuardian(AppError):
    message, status, field = "监护人不能是您本人", 422, "guardian_name"
