"""From a request to WeChat's answer: faults, method, token, white list, quota, then the handler."""

import json
import secrets
import time
from collections.abc import Callable

from flask import Blueprint, Response, request

from sandbox.api.call import Call
from sandbox.api.endpoints import BY_PATH, Endpoint
from sandbox.api.tokens import check_token
from sandbox.box import Box, current_box
from sandbox.cutting import cut
from sandbox.errors import ApiError
from sandbox.faults import ERRCODES, Fault
from sandbox.world import State

blueprint = Blueprint("api", __name__)

FAILED_KEPT = 1000
PAGES = {"html": 200, "bad_gateway": 502, "unavailable": 503}
WIRE_FAULTS = frozenset({"slow", "cut_before", "cut_after", *PAGES})
CODE_FAULTS = frozenset(name for name, code in ERRCODES.items() if code is not None)
HTML = "<!DOCTYPE html><html><head><title>WeChat</title></head><body>System maintenance</body></html>"


@blueprint.route("/cgi-bin/<path:_>", methods=["GET", "POST"])
@blueprint.route("/sns/<path:_>", methods=["GET", "POST"])
@blueprint.route("/wxaapi/<path:_>", methods=["GET", "POST"])
def call(_: str) -> Response:
    """Any API call."""
    box = current_box()
    fault = box.faults.take(request.path, WIRE_FAULTS)
    if fault and fault.name in ("cut_before", *PAGES):
        return _broken(box, fault)
    if fault and fault.name == "slow":
        time.sleep(fault.seconds)
    response, code = _answer(box)
    _record(box, code, fault.name if fault else "")
    if fault and fault.name == "cut_after":
        return cut()
    return response


def _broken(box: Box, fault: Fault) -> Response:
    _record(box, None, fault.name)
    if fault.name == "cut_before":
        return cut()
    return Response(HTML, PAGES[fault.name], content_type="text/html; charset=utf-8")


def _answer(box: Box) -> tuple[Response, int]:
    endpoint = BY_PATH.get(request.path)
    if endpoint is None:
        return _json(_failure(box, ApiError(40066)), 404), 40066
    try:
        answer, later = _checked(box, endpoint)
    except ApiError as error:
        return _json(_failure(box, error)), error.code
    # Pushes that follow a call come after its answer, from another thread, as WeChat's do.
    for action in later:
        box.background.submit(action)
    return (answer if isinstance(answer, Response) else _json(answer)), 0


def _checked(box: Box, endpoint: Endpoint) -> tuple[object, list[Callable[[], object]]]:
    if request.method != endpoint.method:
        raise ApiError(43001 if endpoint.method == "GET" else 43002)
    # The body is read before the lock is taken, or one slow sender would stop everybody. A JSON body may say that it
    # is a form (curl does), so only uploads are taken for one.
    request.get_data(parse_form_data=request.mimetype == "multipart/form-data")
    with box.world.change() if endpoint.writes else box.world.read() as state:
        _check_caller(box, state, endpoint)
        _count(box, state, endpoint)
        handled = Call(box, request, state)
        return endpoint.answer(handled), handled.later


def _check_caller(box: Box, state: State, endpoint: Endpoint) -> None:
    caller = request.remote_addr or ""
    # /sns calls do not need the white list, and pictures of codes are for everybody.
    guarded = endpoint.token or endpoint.path.startswith(("/cgi-bin/token", "/cgi-bin/stable_token"))
    names = CODE_FAULTS - (set() if endpoint.token else {"token_dead"}) - (set() if guarded else {"ip_refused"})
    fault = box.faults.take(endpoint.path, names) if endpoint.path != "/cgi-bin/showqrcode" else None
    if (fault and fault.name == "ip_refused") or (
        guarded and state.ip_list is not None and caller not in state.ip_list
    ):
        raise ApiError(40164, ip=caller)
    if fault:
        raise ApiError(ERRCODES[fault.name] or -1)
    if endpoint.token:
        check_token(box, state, str(request.args.get("access_token", "")))


def _count(box: Box, state: State, endpoint: Endpoint) -> None:
    today = box.clock.day()
    if state.usage_day != today:
        state.usage_day, state.usage = today, {}
    used = state.usage.get(endpoint.path, 0)
    if endpoint.daily and used >= endpoint.daily:
        raise ApiError(45009)
    state.usage[endpoint.path] = used + 1


def _failure(box: Box, error: ApiError) -> dict[str, object]:
    rid = f"{int(box.clock.now()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    answer = {"errcode": error.code, "errmsg": f"{error.text} rid: {rid}"}
    # No query string here: it carries tokens and secrets.
    box.failed[rid] = {
        "invoke_time": int(box.clock.now()),
        "cost_in_ms": 1,
        "request_url": request.path,
        "request_body": "",
        "response_body": json.dumps(answer),
        "client_ip": request.remote_addr,
    }
    while len(box.failed) > FAILED_KEPT:
        box.failed.pop(next(iter(box.failed)))
    return answer


def _record(box: Box, code: int | None, fault: str) -> None:
    entry = {"path": request.path, "method": request.method, "errcode": code, "at": round(box.clock.now(), 3)}
    box.calls.append({**entry, "fault": fault} if fault else entry)


def _json(answer: object, status: int = 200) -> Response:
    text = json.dumps(answer, ensure_ascii=False)
    return Response(text, status, content_type="application/json; encoding=utf-8")
