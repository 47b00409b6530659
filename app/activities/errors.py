"""Refusals about activities and sign-ups."""

from app.errors import AppError


class NotPublished(AppError):
    message, status = "这个活动还没有发布或已取消", 409


class SignUpNotOpen(AppError):
    message, status = "报名还没有开始，请到时间再来", 409


class SignUpClosed(AppError):
    message, status = "报名已经结束，看看别的活动吧", 409


class ActivityFull(AppError):
    message, status = "名额已满，看看别的活动吧", 409


class NotQualified(AppError):
    message, status = "您不符合这个活动的报名条件", 409


class RiskNotAccepted(AppError):
    message, status = "请先看完活动风险，并勾选“我已了解”", 422


class WaitingListFull(AppError):
    message, status = "名额和候补都已满，看看别的活动吧", 409


class OfferEnded(AppError):
    message, status = "这个名额的确认时间已过，已让给下一位", 409


class Overlapping(AppError):
    message, status = "您在这个时间已经报名了别的活动", 409


class CannotSignUpAgain(AppError):
    message, status = "您不能再报名这个活动，如有疑问请联系主办组织", 409


class CannotWithdraw(AppError):
    message, status = "活动已经开始，不能取消报名；来不了请直接联系负责人", 409


class MustAskForLeave(AppError):
    message, status = "取消的截止时间已过，请改为请假", 409


class NotSignedUp(AppError):
    message, status = "您没有报名这个活动", 404


class QuotaTooLow(AppError):
    message, status, field = "招募人数不能少于已报名的人数", 422, "quota"


class CannotEdit(AppError):
    message, status = "活动已经结束或取消，不能再修改", 409


class Changed(AppError):
    message, status = "活动刚刚有变动，请看清后再按一次", 409


class FormUsed(AppError):
    message, status = "这张表单已经为您的另一个组织提交过了，请重新打开“活动发布”", 409


class OtherOrganization(AppError):
    message, status = "您现在代表的组织与打开这一页时不同，请重新打开本页", 409
