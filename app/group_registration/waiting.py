"""The sheet between its sending and its check: sealed, in the folder of uploads, and gone once it was read.

What a killed process leaves behind is taken away within a day with other files that are nobody's (app/files.py).
"""

import base64
from pathlib import Path

from app import crypto
from app.group_registration.errors import CannotKeepSheet, SheetRefused
from app.kept_bytes import write_whole


def _path(folder: Path, uid: str) -> Path:
    return folder / uid[:2] / f"{uid}-sheet"


def _place(uid: str) -> str:
    return f"import_batches.sheet:{uid}"


def put(folder: Path, uid: str, data: bytes) -> None:
    """Raises CannotKeepSheet."""
    sealed = crypto.ring().seal(base64.b64encode(data).decode(), _place(uid))
    try:
        write_whole(_path(folder, uid), sealed.encode())
    except OSError as error:
        raise CannotKeepSheet from error


def get(folder: Path, uid: str) -> bytes:
    """Raises SheetRefused when it is not there any more."""
    try:
        sealed = _path(folder, uid).read_text()
    except OSError:
        raise SheetRefused("名单没有及时读出来，请再上传一次") from None
    return base64.b64decode(crypto.ring().open(sealed, _place(uid)))


def drop(folder: Path, uid: str) -> None:
    _path(folder, uid).unlink(missing_ok=True)
