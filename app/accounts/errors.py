"""Refusals about who is here."""

from app.errors import AppError


class CodesUnavailable(AppError):
    message, status = "验证码服务暂时不可用，请稍后再试", 503


class TooManyCodes(AppError):
    message, status, field = "今天获取验证码的次数已用完，请明天再试", 429, "phone"


class CodeTooSoon(AppError):
    message, status, field = "验证码刚刚发过，请稍等再获取", 429, "phone"


class PuzzleUnsolved(AppError):
    message, status = "获取验证码的人较多：请再按一次“发送验证码”；看到图片的话，先填图片里的数字", 422


class WrongCode(AppError):
    message, status, field = "验证码不正确，请核对短信后重新填写", 422, "code"


class CodeExpired(AppError):
    message, status, field = "验证码已失效，请重新获取", 422, "code"


class ScanGone(AppError):
    message, status = "这个登录码已失效，请在电脑上刷新后重新扫码", 410


class ScannedByAnother(AppError):
    message, status = "这个登录请求只能由扫码的微信本人确认。请用自己的微信重新扫一次电脑上的码", 404


class ScanUnavailable(AppError):
    message, status = "现在不能扫码登录，请用手机号登录", 503


class TooManyScans(AppError):
    message, status = "扫码登录太频繁，请用手机号登录，或一小时后再试", 429


class PhoneTaken(AppError):
    message, status, field = "这个手机号不能用，请换一个；如果它是您的，请用它登录后处理", 409, "phone"


class AccountFrozen(AppError):
    message, status = "您的账号已被停用，如有疑问请联系当地科协", 403


class OAuthFailed(AppError):
    message, status = "微信授权没有完成，请关闭页面后从公众号菜单重新进入", 400


class SnapshotPage(AppError):
    message, status = "当前是微信的快照页，请点击右下角“使用完整服务”后再继续", 403
