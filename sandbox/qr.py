"""Scene codes of the account."""

import secrets
from typing import Any

from sandbox.world import State

QR_URL = "http://weixin.qq.com/q/"


class QrError(Exception):
    """The code cannot be used; the message is for the person."""


def new_qr_code(scene: str, scene_id: int, scene_str: str, expires_at: float | None) -> dict[str, Any]:
    return {
        "ticket": "gQ" + secrets.token_urlsafe(68),
        "url": QR_URL + "02" + secrets.token_urlsafe(15).replace("-", "A").replace("_", "B"),
        "scene": scene,
        "scene_id": scene_id,
        "scene_str": scene_str,
        "expires_at": expires_at,
    }


def find_qr_code(state: State, scene: str | None, ticket: str | None, now: float) -> dict[str, Any] | None:
    """The newest code of a scene, or the one of a ticket; QrError when it is over or the ticket was never given."""
    if ticket:
        code = state.qr_codes.get(ticket)
        if code is None:
            raise QrError("二维码无效")
    else:
        code = next((code for code in reversed(state.qr_codes.values()) if code["scene"] == scene), None)
    if code and code["expires_at"] is not None and now >= code["expires_at"]:
        raise QrError("二维码已过期")
    return code


def by_url(state: State, url: str) -> dict[str, Any] | None:
    return next((code for code in state.qr_codes.values() if code["url"] == url), None)
