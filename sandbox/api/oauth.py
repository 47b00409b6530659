"""/sns: what the product asks after the authorize page. These calls use the secret or a user's own token."""

import secrets
from typing import Any

from sandbox.api.call import OK, Answer, Call
from sandbox.errors import ApiError

CODE_LIFE = 300
TOKEN_LIFE = 7200
REFRESH_LIFE = 30 * 86400


def exchange(call: Call) -> Answer:
    """GET /sns/oauth2/access_token."""
    settings = call.box.settings
    _check_app(call)
    if not call.arg("secret"):
        raise ApiError(41004)
    if call.arg("secret") != settings.app_secret:
        raise ApiError(40125)
    if not call.arg("code"):
        raise ApiError(41008)
    if call.arg("grant_type") != "authorization_code":
        raise ApiError(40002)
    code = call.state.oauth_codes.get(call.arg("code"))
    if code is None or call.now >= code["at"] + CODE_LIFE:
        raise ApiError(40029)
    if code["used"]:
        raise ApiError(40163)
    code["used"] = True
    grant = {"openid": code["openid"], "scope": code["scope"], "person": code["person"]}
    answer = _issue(call, grant, secrets.token_urlsafe(64))
    return {**answer, "is_snapshotuser": 1} if code["snapshot"] else answer


def refresh(call: Call) -> Answer:
    _check_app(call)
    if call.arg("grant_type") != "refresh_token":
        raise ApiError(40002)
    found = call.state.user_tokens.get(call.arg("refresh_token"))
    if found is None or found["kind"] != "refresh":
        raise ApiError(40030)
    if call.now >= found["until"]:
        raise ApiError(42002)
    return _issue(call, found["grant"], call.arg("refresh_token"))


def userinfo(call: Call) -> Answer:
    grant = _grant(call)
    if grant["scope"] != "snsapi_userinfo":
        raise ApiError(48001)
    person = call.state.people.get(grant["person"])
    return {
        "openid": grant["openid"],
        "nickname": person.name if person else "微信用户",
        "sex": 0,
        "language": "",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "privilege": [],
    }


def check(call: Call) -> Answer:
    _grant(call)
    return OK


def _check_app(call: Call) -> None:
    if not call.arg("appid"):
        raise ApiError(41002)
    if call.arg("appid") != call.box.settings.app_id:
        raise ApiError(40013)


def _grant(call: Call) -> dict[str, Any]:
    found = call.state.user_tokens.get(call.arg("access_token"))
    if not call.arg("access_token"):
        raise ApiError(41001)
    if found is None or found["kind"] != "access":
        raise ApiError(40001)
    if call.now >= found["until"]:
        raise ApiError(42001)
    if not call.arg("openid"):
        raise ApiError(41009)
    if found["grant"]["openid"] != call.arg("openid"):
        raise ApiError(40003)
    return dict(found["grant"])


def _issue(call: Call, grant: dict[str, Any], refresh_token: str) -> dict[str, Any]:
    tokens = call.state.user_tokens
    for old in [value for value, token in tokens.items() if call.now >= token["until"] + 86400]:
        del tokens[old]
    access_token = secrets.token_urlsafe(64)
    tokens[access_token] = {"kind": "access", "grant": grant, "until": call.now + TOKEN_LIFE}
    tokens[refresh_token] = {"kind": "refresh", "grant": grant, "until": call.now + REFRESH_LIFE}
    return {
        "access_token": access_token,
        "expires_in": TOKEN_LIFE,
        "refresh_token": refresh_token,
        "openid": grant["openid"],
        "scope": grant["scope"],
    }
