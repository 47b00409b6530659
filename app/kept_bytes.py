"""The bytes of files that people sent: in a folder outside the code, whole or not at all, sealed where few may see."""

import base64
import contextlib
import itertools
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from app import crypto
from app.privacy import place

LARGE, SMALL = "large", "small"
SIZES = (LARGE, SMALL)


def path_of(folder: Path, uid: str, size: str = LARGE, *, is_sealed: bool = False) -> Path:
    return folder / uid[:2] / f"{uid}-{size}.{'sealed' if is_sealed else 'jpg'}"


def _seal_of(uid: str, size: str) -> str:
    return place("files", size, uid)


def write(folder: Path, uid: str, size: str, data: bytes, *, is_sealed: bool) -> None:
    """Raises OSError, and then nothing is there."""
    if is_sealed:
        data = crypto.ring().seal(base64.b64encode(data).decode(), _seal_of(uid, size)).encode()
    write_whole(path_of(folder, uid, size, is_sealed=is_sealed), data)


def read(folder: Path, uid: str, size: str, *, is_sealed: bool) -> bytes | None:
    """What was written; None where it is not there any more."""
    try:
        data = path_of(folder, uid, size, is_sealed=is_sealed).read_bytes()
    except FileNotFoundError:
        return None
    return base64.b64decode(crypto.ring().open(data.decode(), _seal_of(uid, size))) if is_sealed else data


def seal_anew(folder: Path, uid: str) -> int:
    """Seal what lies sealed under the first key; returns how many sizes. Safe to repeat."""
    changed = 0
    for size in SIZES:
        path, where = path_of(folder, uid, size, is_sealed=True), _seal_of(uid, size)
        sealed = path.read_text() if path.is_file() else ""
        if sealed and not crypto.ring().is_current(sealed):
            write_whole(path, crypto.ring().seal(crypto.ring().open(sealed, where), where).encode())
            changed += 1
    return changed


def write_whole(path: Path, data: bytes) -> None:
    """Whole or not at all, also when the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def unlink(folder: Path, uid: str) -> None:
    for size, is_sealed in itertools.product(SIZES, (False, True)):
        with contextlib.suppress(OSError):  # what stays behind is found by the job
            path_of(folder, uid, size, is_sealed=is_sealed).unlink()


def lying(folder: Path, before: float) -> Iterator[tuple[Path, str]]:
    """What was written before that moment, in seconds since 1970: each path with the uid in its name, empty if none."""
    for path in sorted(folder.glob("*/*")):
        if path.stat().st_mtime < before:
            match = re.fullmatch(r"([A-Za-z0-9_-]{22})-(?:large|small)\.(?:jpg|sealed)", path.name)
            yield path, match[1] if match else ""
