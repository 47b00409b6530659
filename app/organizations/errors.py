"""Refusals about organisations."""

from collections.abc import Mapping

from app.errors import AppError


class OtherOrganization(AppError):
    """The page is another organisation's of the person; `choices` are those to act for, their names by their uid."""

    status = 409

    def __init__(self, message: str, choices: Mapping[str, str]) -> None:
        super().__init__(message)
        self.choices = choices


class NameTaken(AppError):
    message = "已有同名的组织，请核对；如果是同一个组织，请联系它的管理员"
    status, field = 422, "name"


class NoRoot(AppError):
    message, status = "本平台还没有建立总队，请联系当地科协开通后再注册", 409


class ParentNotFound(AppError):
    message, status, field = "请从列表中选择上级组织", 422, "parent"


class TreeTooDeep(AppError):
    message, status, field = "这个上级组织的层级已经太深，请选择更高一级的组织", 422, "parent"


class MayNotPublish(AppError):
    message, status = "组织还没有通过上级审核，通过后才能发布活动", 403


class SuspendedFromAbove(AppError):
    message, status = "这是更上级的组织作的暂停，只有它或它的上级才能恢复", 403


class NotReviewable(AppError):
    message, status = "这个组织已经审核过，或者对方撤回了注册", 409


class ChangedSinceSeen(AppError):
    message, status = "对方刚刚改过资料，请看过新的内容再审核", 409


class ChangedMeanwhile(AppError):
    message, status = "您打开本页以后，资料被别人改过，请看过再决定", 409


class DraftChanged(AppError):
    message, status = "您打开本页以后，组织信息在别的页面改过，还没有提交；请核对现在的内容再提交", 409


class ListChanged(AppError):
    message, status = "您打开本页以后，名单被别人改过，您的修改还没有保存；请核对后再按一次“保存”", 409


class ChangeJudged(AppError):
    message, status = "这个更改已经审核过，或对方已经撤回", 409


class NothingExpected(AppError):
    message, status = "还没有开放下级注册，保存名单后才有二维码", 409


class NotEditable(AppError):
    message, status = "组织现在的状态不能修改资料", 409


class NotWithdrawable(AppError):
    message, status = "这个组织已经审核过，不能再撤回", 409


class OwnRequest(AppError):
    message, status = "您也是这个组织的管理员，请由上级的其他管理员审核", 403


class ReasonNeeded(AppError):
    message, status, field = "退回或不通过时请写明理由，对方会看到", 422, "reason"


class RootExists(AppError):
    message, status = "总队已经存在", 409


class TooManyOrganizations(AppError):
    message, status, field = "加入的组织已达上限，请先退出一个再加入", 409, "organization"


class WasRemoved(AppError):
    message, status, field = (
        "您已被这个组织清退，不能自己再加入；不同意的话，可以在“志愿者信息”的清退记录里申诉",
        409,
        "organization",
    )


class AskedLately(AppError):
    message, status, field = (
        "这个组织刚刚没有同意您加入，原因已通知您；同一个组织一天只能申请一次，请明天再申请",
        409,
        "organization",
    )


class WrongJoinPassword(AppError):
    message, status = "加入口令不对，请向组织管理员核对；一天内输错太多次要明天再试", 422
    field = "join_password"


class ClosedToJoining(AppError):
    message, status, field = "这个组织目前不对外招募", 422, "organization"


class TeamNameTaken(AppError):
    message = "本组织已有同名的分支队伍（包括已解散的，可以恢复），请换一个名称"
    status, field = 422, "name"


class TeamDissolved(AppError):
    message, status = "这支队伍已经解散，恢复后才能调整", 409


class TooManyTeams(AppError):
    message, status, field = "分支队伍已达上限，请先整理现有的队伍", 409, "name"


class NotAMember(AppError):
    message, status, field = "只有本组织的成员才能加入分支队伍", 422, "volunteer"


class WouldLoop(AppError):
    message, status, field = "不能移到它自己或它的下级组织之下", 422, "parent"


class StaysWhereItIs(AppError):
    message, status, field = "它已经在这个上级组织之下", 422, "parent"


class MovedTooDeep(AppError):
    message, status, field = "移过去以后层级太深，请选择更高一级的组织", 422, "parent"


class CannotMerge(AppError):
    message, status, field = "请选择一个正常的、不在它下级的组织来接收", 422, "successor"


class TooManyAdmins(AppError):
    message, status, field = "管理员人数已达上限，请先调整现有的管理员", 409, "role"


class TooManyInvitations(AppError):
    message, status, field = "今天邀请的人太多了，请明天再邀请", 429, "phone"


class TooManyRegistrations(AppError):
    message, status = "今天注册的组织太多了，请明天再来；填好的内容会保留", 429


class LastOwner(AppError):
    message, status = "您是唯一的所有者，请先把组织移交给别人", 409


class AlreadyOwner(AppError):
    message, status, field = "这个手机号就是您自己的，请填写新所有者的手机号", 422, "phone"


class NoOwnerAnyMore(AppError):
    message, status = "这个组织已经合并或没有通过审核，不用再指定所有者", 409


class AlreadyAdmin(AppError):
    message, status = "您已经是这个组织的管理人员，不用再接受邀请", 409


class FromAbove(AppError):
    message, status = "新所有者由上级组织邀请，只有上级组织能撤回", 403


class InvitationGone(AppError):
    message, status = "这个邀请已经失效：可能过了期限、被撤回或已被使用，请联系邀请您的人", 410
