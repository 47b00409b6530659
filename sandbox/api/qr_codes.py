"""Scene codes, JS tickets and short keys."""

import io
import secrets
from typing import Any

import segno
from flask import Response

from sandbox.api.call import OK, Answer, Call
from sandbox.errors import ApiError
from sandbox.qr import new_qr_code

TEMPORARY = {"QR_SCENE": "scene_id", "QR_STR_SCENE": "scene_str"}
PERMANENT = {"QR_LIMIT_SCENE": "scene_id", "QR_LIMIT_STR_SCENE": "scene_str"}
MAX_EXPIRE, DEFAULT_EXPIRE = 2592000, 60
MAX_PERMANENT_ID = 100000
TICKET_LIFE = 7200
LONG_DATA_BYTES = 4096


def create(call: Call) -> Answer:
    body = call.body()
    action = body.get("action_name")
    kind = {**TEMPORARY, **PERMANENT}.get(str(action))
    if kind is None:
        raise ApiError(40052)
    scene = _scene(body, kind, action in PERMANENT)
    expire = None
    if action in TEMPORARY:
        expire = int(body.get("expire_seconds") or DEFAULT_EXPIRE)
        expire = min(max(expire, 1), MAX_EXPIRE)
    scene_id = int(scene) if kind == "scene_id" else 0
    scene_str = "" if kind == "scene_id" else scene
    code = new_qr_code(scene, scene_id, scene_str, call.now + expire if expire else None)
    call.state.qr_codes[code["ticket"]] = code
    answer = {"ticket": code["ticket"], "url": code["url"]}
    return {**answer, "expire_seconds": expire} if expire else answer


def _scene(body: dict[str, Any], kind: str, permanent: bool) -> str:
    info = body.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    value = scene.get(kind) if isinstance(scene, dict) else None
    if kind == "scene_str":
        if not isinstance(value, str) or not 1 <= len(value) <= 64:
            raise ApiError(40053)
        return value
    top = MAX_PERMANENT_ID if permanent else 2**32 - 1
    if isinstance(value, bool) or not str(value).isdigit() or not 1 <= int(str(value)) <= top:
        raise ApiError(40053)
    return str(int(str(value)))


def show(call: Call) -> Answer:
    """The picture; an unknown or expired ticket is a plain 404, as on mp.weixin.qq.com."""
    code = call.state.qr_codes.get(call.arg("ticket"))
    if code is None or (code["expires_at"] is not None and call.now >= code["expires_at"]):
        return Response("404 Not Found", 404, content_type="text/plain; charset=utf-8")
    picture = io.BytesIO()
    segno.make(code["url"], error="m").save(picture, kind="png", scale=8, border=4)
    return Response(picture.getvalue(), content_type="image/png")


def js_ticket(call: Call) -> Answer:
    """One ticket of a kind for everybody until it ends."""
    kind = call.arg("type")
    if kind not in ("jsapi", "wx_card"):
        raise ApiError(40035)
    ticket = call.state.tickets.get(kind)
    if ticket is None or call.now >= ticket["expires_at"]:
        ticket = {"ticket": secrets.token_urlsafe(64), "expires_at": call.now + TICKET_LIFE}
        call.state.tickets[kind] = ticket
    return {**OK, "ticket": ticket["ticket"], "expires_in": int(ticket["expires_at"] - call.now)}


def shorten(call: Call) -> Answer:
    body = call.body()
    data, seconds = body.get("long_data"), body.get("expire_seconds", MAX_EXPIRE)
    if not isinstance(data, str) or not data or len(data.encode()) > LONG_DATA_BYTES:
        raise ApiError(9410010)
    if not isinstance(seconds, int) or not 1 <= seconds <= MAX_EXPIRE:
        raise ApiError(9410011)
    key = secrets.token_hex(8)[:15]
    call.state.short_keys[key] = {"long_data": data, "create_time": int(call.now), "expire_seconds": seconds}
    return {**OK, "short_key": key}


def fetch_short(call: Call) -> Answer:
    found = call.state.short_keys.get(str(call.body().get("short_key", "")))
    left = found["create_time"] + found["expire_seconds"] - call.now if found else 0
    if found is None or left <= 0:
        raise ApiError(9410012)
    return {**OK, **found, "expire_seconds": int(left)}
