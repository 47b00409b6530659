"""Refusals about activities and sign-ups."""

from app.errors import AppError


class NotPublished(AppError):
    message, status = "这个活动还没有发布或已取消", 409


class OrganizerPaused(AppError):
    message, status = "主办组织已暂停活动，暂时不接受报名", 409


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


class Exclusive(AppError):
    message, status = "您已报名另一个活动，它和这个活动只能报一个", 409


class TrainingNotConfirmed(AppError):
    message, status = "请先确认您已参加要求的培训或持有要求的证书", 422


class CannotSignUpAgain(AppError):
    message, status = "您不能再报名这个活动，如有疑问请联系主办组织", 409


class CannotWithdraw(AppError):
    message, status = "活动已经开始，不能取消报名；来不了请直接联系负责人", 409


class MustAskForLeave(AppError):
    message, status = "取消的截止时间已过，请改为请假", 409


class NotSignedUp(AppError):
    message, status = "您没有报名这个活动", 404


class QuotaRefused(AppError):
    message, status, field = "这个招募人数不行", 422, "quota"

    def __init__(self, number: int = 0, message: str = "") -> None:
        #: Of which shift of the form, counted from 0.
        self.number = number
        super().__init__(message or None)


class QuotaTooLow(QuotaRefused):
    message = "招募人数不能少于已报名的人数"


class QuotaBeyondReview(QuotaRefused):
    def __init__(self, number: int, reviewed: int, most: int) -> None:
        words = f"上级审核通过的是 {reviewed} 人，发布后最多可以改到 {most} 人；再多请取消后重新发布，或联系上级"
        super().__init__(number, words)


class ShiftTaken(AppError):
    message, status = "您要删除的场次已有人报名，什么都没有改；请重新打开这一页", 409


class ShiftEnded(AppError):
    message, status, field = "这一场已经结束，请选择别的场次", 409, "shift"


class SignUpBegan(AppError):
    message, status, field = "已经有人报名，报名开始时间不能再往后改；要停止报名，可以提前截止", 409, "signup_start_at"


class CannotEdit(AppError):
    message, status = "活动已经结束或取消，不能再修改", 409


class EditedMeanwhile(AppError):
    message, status = "您打开本页以后，活动被别人改过，您的修改还没有保存；请看清后再按一次“保存”", 409


class HandedInAnew(AppError):
    message, status = "对方撤回后改过又重新提交了，请看过新的内容再审核", 409


class NeedsReview(AppError):
    message, status = "需要上级审核的内容不能直接改", 409

    def __init__(self, labels: list[str]) -> None:
        words = "、".join(labels)
        super().__init__(f"需要上级审核的内容（{words}）发布后不能直接改；请取消后重新发布，或联系上级")


class Changed(AppError):
    message, status = "活动刚刚有变动，请看清后再按一次", 409


class FormUsed(AppError):
    message, status = "这张表单已经为您的另一个组织提交过了，请重新打开“活动发布”", 409


class NobodyFound(AppError):
    message, status, field = (
        "本组织（含下级）的成员里没有这个人，请核对志愿者编号或手机号；不是成员的请自己报名",
        422,
        "person",
    )


class NobodyFoundHere(NobodyFound):
    message = "本组织的成员里没有这个人，请核对志愿者编号或手机号；下级组织的成员由所有者或管理员加入，其他人请自己报名"


class AlreadyIn(AppError):
    message, status, field = "这位志愿者已经在名单里了", 409, "person"


class MustSignUpOneself(AppError):
    message, status, field = "这个活动有风险告知，要本人看过后自己报名；请把活动页发给对方", 409, "person"


class NoPlaceLeft(AppError):
    message, status = "没有空名额了，请先增加招募人数", 409


class CannotDraw(AppError):
    message, status = "报名截止以后才能抽签；抽过的不能再抽", 409


class LotteryBegun(AppError):
    message, status, field = "已经有人报名，不能再改成抽签或不抽签", 409, "approval_mode"


class CannotCancel(AppError):
    message, status = "活动已经结束，不能再取消", 409


class CancelledAlready(AppError):
    status, field = 409, "reason"

    def __init__(self, reason: str) -> None:
        super().__init__(f"活动刚刚已经取消，报名的人收到的原因是“{reason}”；您写的没有发出")


class CannotMoveDeadline(AppError):
    message, status, field = "活动已经结束或取消，不能再改报名时间", 409, "signup_end_at"


class TooManyMessages(AppError):
    message, status, field = "今天给大家发的消息已经够多了，请明天再发", 429, "words"


class TooManyToOne(AppError):
    message, status, field = "今天给这位发的消息已经够多了，请明天再发，或者打电话", 429, "words"


class SaidLately(AppError):
    message, status, field = "刚刚发过同样的消息，这一次没有发；确实要再发一次，请勾选", 409, "again"


class TooManyExports(AppError):
    message, status = "今天导出的名单已达上限，请明天再导出", 429


class TooManyRows(AppError):
    message, status = "名单人数多，要另一位管理员同意后才能下载", 409


class ListGrown(AppError):
    message, status = "名单比同意的时候长了，请重新申请", 409


class OwnExport(AppError):
    message, status = "自己的申请要由另一位管理员审批", 403


class ExportJudged(AppError):
    message, status = "这个申请刚刚已经处理了，请看最新的状态", 409


class RefusalNeedsReason(AppError):
    message, status, field = "不同意时请写明原因，对方会看到", 422, "reason"


class NotApproved(AppError):
    message, status = "审批同意后，由申请的人下载", 409


class ApprovalOver(AppError):
    message, status = "已经下载过或者过了期限，需要时请再申请", 409


class NotInsured(AppError):
    message, status, field = "请填写保险", 422, "insurance_policy_no"


class PasswordLacking(AppError):
    message, status, field = "请设一个报名口令", 422, "password"


class WrongPassword(AppError):
    message, status = "口令不对，请向主办组织核对", 409


class TooManyTries(AppError):
    message, status = "口令试错太多次，请一小时后再试，或向主办组织核对", 429


class AlreadyPublished(AppError):
    message, status = "这个活动已经提交或发布，不再是草稿；请到“我发布的活动”里查看", 409


class AlreadyThere(AppError):
    """What is to be published was published a moment ago, in these words or others: whoever means it says so."""

    status = 409

    def __init__(self, activity_id: int) -> None:
        #: The one that is there.
        self.activity_id = activity_id
        super().__init__()


class PublishedLately(AlreadyThere):
    message = "您刚刚发布过同样的活动，这一个没有再发布；确实要再发布一个，请在最下面勾选"

    def __init__(self, activity_id: int, *, is_public: bool) -> None:
        super().__init__(activity_id)
        #: What waits for the organisation above is not edited, but taken back.
        self.may_be_edited = is_public


class PublishedAlike(PublishedLately):
    def __init__(self, activity_id: int, title: str, *, is_public: bool) -> None:
        super().__init__(activity_id, is_public=is_public)
        way = "打开它编辑" if is_public else "打开它撤回审核"
        self.message = f"您刚刚发布过“{title}”，这一个没有再发布；要改它，请{way}；确实要再发布一个，请在最下面勾选"


class PublishedOtherwise(AlreadyThere):
    message = (
        "这张表单已经提交或发布过，内容和现在写的不一样，您写的还没有发布；要改那个活动，请打开它编辑，"
        "要另外发布一个，请在最下面勾选"
    )


class DraftGone(AppError):
    message, status = "这份草稿刚刚被删除，没有发布；还要发布，请重新填写", 409


class TooManyDrafts(AppError):
    message, status = "草稿太多了，请先删掉用不着的", 409


class DraftTaken(AppError):
    message, status = "您打开这一页以后，这份草稿被别人改过，您写的还没有保存；请核对后再按一次，就用您写的", 409


class PreviewOld(AppError):
    message, status = "您预览以后，这份草稿又改过，还没有发布；请看过现在的样子再发布", 409


class DraftTooLong(AppError):
    message, status = "草稿太长了，存不下；请先删短活动内容或协议", 422


class HandedInOneself(AppError):
    message, status = "这个活动是您自己提交审核的，请由其他管理员审核", 403


class ReviewTooLate(AppError):
    message, status = "报名截止时间已经过了，请退回，让对方改好时间再提交", 409
