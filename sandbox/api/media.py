"""Temporary media and pictures inside articles."""

import secrets
from typing import Any

from flask import Response

from sandbox.api.call import Answer, Call
from sandbox.errors import ApiError
from sandbox.replies import known_media

MB = 1 << 20
SIZES = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "thumb": 64 << 10}
ARTICLE_IMAGE = MB
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"#!AMR": "audio/amr",
    b"ID3": "audio/mp3",
    b"\xff\xfb": "audio/mp3",
}
ALLOWED = {
    "image": {"image/png", "image/jpeg", "image/gif", "image/bmp"},
    "voice": {"audio/amr", "audio/mp3"},
    "video": {"video/mpeg4"},
    "thumb": {"image/jpeg"},
}


def upload(call: Call) -> Answer:
    kind = call.arg("type") or str(call.request.form.get("type", ""))
    if kind not in SIZES:
        raise ApiError(40004)
    data, name = _file(call)
    content_type = _content_type(data)
    if content_type not in ALLOWED[kind]:
        raise ApiError(40005)
    if len(data) > SIZES[kind]:
        raise ApiError(40006)
    media_id = secrets.token_urlsafe(48)
    known = {"type": kind, "name": name, "content_type": content_type, "created_at": int(call.now)}
    call.box.media.put(media_id, data)
    call.state.media[media_id] = known
    field = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, field: media_id, "created_at": int(call.now)}


def get(call: Call) -> Answer:
    media_id = call.arg("media_id")
    if not media_id:
        raise ApiError(41006)
    media, data = _stored(call, media_id)
    if media["type"] == "video":
        return {"video_url": f"{call.box.origins()[0]}/sandbox/files/{media_id}"}
    extension = media["content_type"].rpartition("/")[2]
    headers = {"Content-Disposition": f'attachment; filename="{media_id}.{extension}"'}
    return Response(data, content_type=media["content_type"], headers=headers)


def _stored(call: Call, media_id: str) -> tuple[dict[str, Any], bytes]:
    try:
        media = known_media(call.state, media_id, call.now)
    except ValueError as error:
        raise ApiError(40007) from error
    data = call.box.media.get(media_id)
    if data is None:
        raise ApiError(40007)
    return media, data


def upload_image(call: Call) -> Answer:
    """A picture for an article: jpg or png below 1 MB; answers an address that stays."""
    data, name = _file(call)
    content_type = _content_type(data)
    if content_type not in ("image/png", "image/jpeg"):
        raise ApiError(40005)
    if len(data) >= ARTICLE_IMAGE:
        raise ApiError(40006)
    file_id = secrets.token_urlsafe(24)
    call.box.media.put(file_id, data)
    known = {"type": "article_image", "name": name, "content_type": content_type, "created_at": int(call.now)}
    call.state.media[file_id] = known
    return {"url": f"{call.box.origins()[0]}/sandbox/files/{file_id}"}


def _file(call: Call) -> tuple[bytes, str]:
    file = call.request.files.get("media") or next(iter(call.request.files.values()), None)
    data = file.read() if file else b""
    if file is None or not data:
        raise ApiError(41005)
    return data, file.filename or "media"


def _content_type(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "video/mpeg4"
    return next((kind for magic, kind in MAGIC.items() if data.startswith(magic)), "application/octet-stream")
