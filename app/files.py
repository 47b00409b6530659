"""Files that people send: a row says whose each is, the bytes lie in a folder outside the code, under names by chance.

A topic stores a file as nobody's, and claims it when the form that it came with stands. What nobody claims within a day
is taken away by a job, and so are bytes without a row, which a process that was killed in between leaves behind.
"""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.database import TABLE, Base, BigId, UtcDateTime, in_transaction, rows_hit, session
from app.errors import AppError
from app.pictures import Picture
from app.privacy import NONE, new_uid

#: How long a form may be worked on before what was uploaded with it is nobody's any more.
UNCLAIMED = timedelta(days=1)
BATCH = 200
LARGE, SMALL = "large", "small"
SIZES = (LARGE, SMALL)


class CannotKeep(AppError):
    message, status, field = "图片暂时存不下，请稍后再试；其他内容不受影响", 503, "pictures"


class StoredFile(Base):
    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index(None, "kind", "owner_id", "position"),
        Index(None, "owner_id", "created_at"),
        {**TABLE, "info": {"merge": "move"}},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    #: Its name in addresses and in the folder.
    uid: Mapped[str] = mapped_column(String(32), default=new_uid, info=NONE)
    #: What it is for: each topic names its own.
    kind: Mapped[str] = mapped_column(String(32), info=NONE)
    #: Who sent it, and for which organisation: until it is claimed it is theirs alone.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), info=NONE)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    #: The row that it belongs to, of the table that the kind stands for; None: not claimed.
    owner_id: Mapped[int | None] = mapped_column(BigId, info=NONE)
    position: Mapped[int] = mapped_column(default=0, info=NONE)
    size_bytes: Mapped[int] = mapped_column(info=NONE)
    width: Mapped[int] = mapped_column(info=NONE)
    height: Mapped[int] = mapped_column(info=NONE)
    sha256: Mapped[str] = mapped_column(String(64), info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)


def path_of(folder: Path, uid: str, size: str = LARGE) -> Path:
    return folder / uid[:2] / f"{uid}-{size}.jpg"


def store_picture(
    picture: Picture,
    kind: str,
    *,
    folder: Path,
    account_id: int | None = None,
    organization_id: int | None = None,
    now: datetime,
) -> StoredFile:
    """Keep both sizes of the picture, as nobody's yet. Raises CannotKeep, and then nothing is there."""
    row = StoredFile(
        uid=new_uid(),
        kind=kind,
        account_id=account_id,
        organization_id=organization_id,
        size_bytes=len(picture.large) + len(picture.small),
        width=picture.width,
        height=picture.height,
        sha256=hashlib.sha256(picture.large).hexdigest(),
        created_at=now,
    )
    return _keep(row, {LARGE: picture.large, SMALL: picture.small}, folder)


def copy_of(file: StoredFile, *, folder: Path, uid: str = "", now: datetime) -> StoredFile:
    """The same once more, as nobody's yet, under a name that was given or one by chance. Raises CannotKeep."""
    same = ("kind", "account_id", "organization_id", "size_bytes", "width", "height", "sha256")
    row = StoredFile(uid=uid or new_uid(), created_at=now, **{name: getattr(file, name) for name in same})
    try:
        sizes = {size: path_of(folder, file.uid, size).read_bytes() for size in SIZES}
    except OSError as error:
        raise CannotKeep from error
    return _keep(row, sizes, folder)


def _keep(row: StoredFile, sizes: Mapping[str, bytes], folder: Path) -> StoredFile:
    session.add(row)
    session.flush()
    try:
        for size, data in sizes.items():
            write_whole(path_of(folder, row.uid, size), data)
    except OSError as error:
        _unlink(folder, row.uid)
        raise CannotKeep from error
    return row


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


def _unlink(folder: Path, uid: str) -> None:
    for size in SIZES:
        with contextlib.suppress(OSError):  # what stays behind is found by the job
            path_of(folder, uid, size).unlink()


def find(uid: str) -> StoredFile | None:
    return session.scalar(select(StoredFile).where(StoredFile.uid == uid))


def of(kind: str, owner_id: int) -> Sequence[StoredFile]:
    """The files of a row, in their order."""
    query = select(StoredFile).where(StoredFile.kind == kind, StoredFile.owner_id == owner_id)
    return session.scalars(query.order_by(StoredFile.position, StoredFile.id)).all()


def firsts(kind: str, owner_ids: Sequence[int]) -> dict[int, str]:
    """The uid of each row's first file."""
    query = select(StoredFile.owner_id, StoredFile.uid).where(
        StoredFile.kind == kind, StoredFile.owner_id.in_(owner_ids), StoredFile.position == 0
    )
    return {owner_id: uid for owner_id, uid in session.execute(query) if owner_id is not None}


def claimable(uids: Sequence[str], kind: str, *, organization_id: int | None, owner_id: int | None = None) -> list[str]:
    """Those of the names, in their order, that this row of this organisation may have."""
    query = select(StoredFile.uid).where(
        StoredFile.uid.in_(uids),
        StoredFile.kind == kind,
        StoredFile.organization_id == organization_id,
        or_(StoredFile.owner_id.is_(None), StoredFile.owner_id == owner_id),
    )
    found = set(session.scalars(query))
    return [uid for uid in uids if uid in found]


def claim(uids: Sequence[str], kind: str, owner_id: int, *, organization_id: int | None) -> None:
    """Make these files, in this order, all that the row has; others that it had are nobody's from now on."""
    of_row = (StoredFile.kind == kind, StoredFile.owner_id == owner_id)
    rows_hit(update(StoredFile).where(*of_row, StoredFile.uid.not_in(uids)).values(owner_id=None))
    for position, uid in enumerate(claimable(uids, kind, organization_id=organization_id, owner_id=owner_id)):
        ours = update(StoredFile).where(StoredFile.uid == uid, StoredFile.kind == kind)
        free = or_(StoredFile.owner_id.is_(None), StoredFile.owner_id == owner_id)
        rows_hit(ours.where(free).values(owner_id=owner_id, position=position))


def remove_orphans(folder: Path, now: datetime) -> int:
    """Take away what nobody claimed, and bytes without a row; returns how many files' worth. Safe to do twice."""
    old = now - UNCLAIMED
    unclaimed = (StoredFile.owner_id.is_(None), StoredFile.created_at < old)
    uids = list(session.scalars(select(StoredFile.uid).where(*unclaimed).limit(BATCH)))
    session.rollback()
    gone = 0
    for uid in uids:
        statement = delete(StoredFile).where(StoredFile.uid == uid, *unclaimed)
        # The row first: a picture that is claimed at this moment stays whole.
        if in_transaction(lambda statement=statement: rows_hit(statement)):  # type: ignore[misc]
            _unlink(folder, uid)
            gone += 1
    return gone + _remove_rowless(folder, old)


def _remove_rowless(folder: Path, before: datetime) -> int:
    gone = 0
    for path in sorted(folder.glob("*/*")):
        if path.stat().st_mtime >= before.timestamp():
            continue
        match = re.fullmatch(r"([A-Za-z0-9_-]{22})-(?:large|small)\.jpg", path.name)
        if match is None or find(match[1]) is None:
            path.unlink(missing_ok=True)
            gone += 1
    session.rollback()
    return gone
