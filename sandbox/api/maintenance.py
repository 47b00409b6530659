"""Quotas, request ids, addresses."""

import re

from sandbox.api.call import OK, Answer, Call
from sandbox.errors import ApiError

CLEARS_A_MONTH = 10
OPERATORS = {"CHINANET", "UNICOM", "CAP", "DEFAULT"}


def clear_quota(call: Call) -> Answer:
    if call.body().get("appid") != call.box.settings.app_id:
        raise ApiError(40013)
    return _clear(call)


def clear_quota_v2(call: Call) -> Answer:
    """The same without a token: id and secret in the query, or in the body as some SDKs do."""
    values = dict(call.request.args) or call.body()
    if values.get("appid") != call.box.settings.app_id:
        raise ApiError(40013)
    if values.get("appsecret") != call.box.settings.app_secret:
        raise ApiError(40125)
    return _clear(call)


def _clear(call: Call) -> Answer:
    month = call.box.clock.month()
    if call.state.quota_clears.count(month) >= CLEARS_A_MONTH:
        raise ApiError(48006)
    call.state.quota_clears.append(month)
    call.state.usage = {}
    return OK


def quota(call: Call) -> Answer:
    path = str(call.body().get("cgi_path", ""))
    if path.startswith("/sns/"):
        raise ApiError(76022)
    limit = call.box.daily_limits.get(path)
    if limit is None:
        raise ApiError(76021)
    used = call.state.usage.get(path, 0)
    return {
        **OK,
        "quota": {"daily_limit": limit, "used": used, "remain": max(limit - used, 0)},
        "rate_limit": {"call_count": 10000, "refresh_second": 60},
    }


def rid(call: Call) -> Answer:
    wanted = str(call.body().get("rid", ""))
    if not re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}", wanted):
        raise ApiError(76001)
    found = call.box.failed.get(wanted)
    if found is None:
        raise ApiError(76001)
    return {**OK, "request": found}


def callback_ips(call: Call) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


def api_ips(call: Call) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


def callback_check(call: Call) -> Answer:
    body = call.body()
    if body.get("action") not in ("dns", "ping", "all"):
        raise ApiError(40201)
    if body.get("check_operator", "DEFAULT") not in OPERATORS:
        raise ApiError(40202)
    answer = {
        "dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "DEFAULT", "package_loss": "0%", "time": "1.000ms"}],
    }
    return answer if body["action"] == "all" else {body["action"]: answer[body["action"]]}
