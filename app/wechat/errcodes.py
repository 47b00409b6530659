"""What each error number of WeChat means for us (WeChat contract, section 9)."""

import re

from app.wechat.gateway import OperatorMustAct, Refused, RetryLater, UserMustAct, WeChatError

#: The token is refused: fetch another one, once.
TOKEN_REFUSED = {40001, 40014, 42001}
#: What is wrong when the second one is refused as well.
TOKENS_WORTHLESS = (
    "WeChat refuses the token that it has just given: look whether another program asks for tokens of this account, "
    "and whether wechat.app_id and app_secret are those of WeChat's console"
)
#: There is no menu: not an error.
NO_MENU = 46003

#: The day's calls of one kind are used up.
DAY_USED_UP = 45009
#: Refusals of a menu that its file can mend (WeChat contract 3.4); others have a reason that is not in it.
MENU_FILE = {
    *(40007, 40039, 40119, 40120, 45010, 53600),
    *range(40015, 40028),
    *(65303, 65304, 65305, 65307, 65308, *range(65310, 65318), 65320),
}

LATER = {-1, DAY_USED_UP, 45011, 45169, 61450, 268487001, 268487002}
USER = {
    *(40029, 40030, 40163, 41008, 42002, 42003, 42007, 43004, 43101, 45015, 45047, 48002),
    *(50001, 50002, 50005),
}
THIRD_PARTY = (
    "the account has not granted this to the third-party platform in use: look into 授权管理 of WeChat's console"
)
NOT_LISTED = "this machine's address {ip} is not on the white list: add it in WeChat's console under IP白名单"
OPERATOR = {
    40013: "WeChat does not know the app id: check wechat.app_id",
    40125: "WeChat refuses the app secret: check wechat.app_secret",
    40036: "the message template is missing: check [notices] templates",
    40037: "the message template is unknown: check [notices] templates",
    40048: "the address is not of a domain that the account may use",
    40054: "a button's address is not of a domain that the account may use",
    40055: "a button's address is not of a domain that the account may use",
    40164: NOT_LISTED,
    40243: "the app secret is frozen: unfreeze it in WeChat's console",
    41002: "WeChat got no app id: set wechat.app_id",
    41004: "WeChat got no app secret: set wechat.app_secret",
    43019: "the person is on the account's blacklist",
    43116: "the template is restricted: look into WeChat's console",
    48001: "the account may not use this function: it needs certification or a grant in WeChat's console",
    48004: "WeChat has banned this function: look into the account's notices in the console",
    48006: "the quota was cleared too often this month: wait for the next one",
    50004: "the account may not fetch tokens: look into WeChat's console",
    50007: "the account is frozen: look into WeChat's console",
    61003: THIRD_PARTY,
    61004: NOT_LISTED,
    61007: THIRD_PARTY,
    65306: "the account may not use conditional menus",
    89503: "WeChat asks an administrator to consent to this machine's address {ip}: confirm it in WeChat",
    89506: "an administrator refused this machine's address {ip}: WeChat asks again in 24 hours",
    89507: "an administrator refused this machine's address {ip}: WeChat asks again in an hour",
}


def error_for(errcode: int, errmsg: str, *, at_token: bool = False) -> WeChatError:
    """The error that says what to do. At the token call itself a refused token means a wrong secret."""
    rid = re.search(r"rid: ?([0-9a-f-]+)", errmsg)
    suffix = f", rid {rid[1]}" if rid else ""
    if at_token and errcode == 40001:
        return OperatorMustAct(OPERATOR[40125] + suffix, errcode=errcode)
    if errcode in OPERATOR:
        told = errmsg[: rid.start()] if rid else errmsg  # "rid:6123" looks like an address
        address = re.search(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]*:[0-9a-f:]+", told)
        hint = OPERATOR[errcode].format(ip=address[0] if address else "(WeChat does not say which)")
        return OperatorMustAct(hint + suffix, errcode=errcode)
    reason = errmsg[:200]
    if errcode in LATER or errcode in TOKEN_REFUSED:
        return RetryLater(reason, errcode=errcode)
    if errcode in USER:
        return UserMustAct(reason, errcode=errcode)
    return Refused(reason, errcode=errcode)
