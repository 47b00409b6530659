"""Files that people send: a row says whose each is, the bytes lie in a folder outside the code, under names by chance.

A topic stores a file as nobody's, and claims it when the form that it came with stands. What nobody claims within a
day, or as long as the form is kept, is taken away by a job, and so are bytes without a row: a process that was killed
in between leaves them behind, and so does whoever takes out the row.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app import kept_bytes
from app.database import TABLE, Base, BigId, UtcDateTime, in_transaction, rows_hit, session
from app.errors import AppError
from app.kept_bytes import LARGE, SIZES, SMALL, path_of
from app.pictures import Picture
from app.privacy import NONE, new_uid

#: How long a form may be worked on before what was uploaded with it is nobody's any more.
UNCLAIMED = timedelta(days=1)
BATCH = 200


class CannotKeep(AppError):
    message, status, field = "图片暂时存不下，请稍后再试；其他内容不受影响", 503, "pictures"


class TooManyInHand(AppError):
    message, status, field = "今天传的图片太多了，请明天再传；已经传好的还在", 429, "pictures"


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
    is_sealed: Mapped[bool] = mapped_column(default=False, info=NONE)
    #: Until when it may go without being claimed, where that is longer than a day.
    kept_until: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    size_bytes: Mapped[int] = mapped_column(info=NONE)
    width: Mapped[int] = mapped_column(info=NONE)
    height: Mapped[int] = mapped_column(info=NONE)
    sha256: Mapped[str] = mapped_column(String(64), info=NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, info=NONE)


def check_in_hand(account_id: int, most: int) -> None:
    """Whether the person may send one more: of what no form has taken over each has so many. Raises TooManyInHand."""
    mine = select(func.count()).where(StoredFile.account_id == account_id, StoredFile.owner_id.is_(None))
    if (session.scalar(mine) or 0) >= most:
        raise TooManyInHand


def store_picture(
    picture: Picture,
    kind: str,
    *,
    folder: Path,
    account_id: int | None = None,
    organization_id: int | None = None,
    is_sealed: bool = False,
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
        is_sealed=is_sealed,
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
            kept_bytes.write(folder, row.uid, size, data, is_sealed=row.is_sealed)
    except OSError as error:
        kept_bytes.unlink(folder, row.uid)
        raise CannotKeep from error
    return row


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


def claimable(
    uids: Sequence[str],
    kind: str,
    *,
    organization_id: int | None,
    account_id: int | None = None,
    owner_id: int | None = None,
) -> list[str]:
    """Those of the names, in their order, that this row may have: of this organisation, or of the account alone."""
    query = select(StoredFile.uid).where(
        StoredFile.uid.in_(uids),
        StoredFile.kind == kind,
        _sent_for(organization_id, account_id),
        or_(StoredFile.owner_id.is_(None), StoredFile.owner_id == owner_id),
    )
    found = set(session.scalars(query))
    return [uid for uid in uids if uid in found]


def _sent_for(organization_id: int | None, account_id: int | None) -> ColumnElement[bool]:
    """Sent for the organisation, or by the person when there was none yet."""
    of_person = and_(StoredFile.organization_id.is_(None), StoredFile.account_id == account_id)
    if account_id is None:
        return StoredFile.organization_id == organization_id
    return of_person if organization_id is None else or_(StoredFile.organization_id == organization_id, of_person)


def claim(
    uids: Sequence[str], kind: str, owner_id: int, *, organization_id: int | None, account_id: int | None = None
) -> None:
    """Make these files, in this order, all that the row has; others that it had are nobody's from now on."""
    of_row = (StoredFile.kind == kind, StoredFile.owner_id == owner_id)
    rows_hit(update(StoredFile).where(*of_row, StoredFile.uid.not_in(uids)).values(owner_id=None))
    whose = {"organization_id": organization_id, "account_id": account_id}
    for position, uid in enumerate(claimable(uids, kind, **whose, owner_id=owner_id)):
        ours = update(StoredFile).where(StoredFile.uid == uid, StoredFile.kind == kind)
        free = or_(StoredFile.owner_id.is_(None), StoredFile.owner_id == owner_id)
        now_its = {"owner_id": owner_id, "organization_id": organization_id, "position": position, "kept_until": None}
        rows_hit(ours.where(free).values(now_its))


def keep_on(kind: str, account_id: int, uids: Sequence[str], until: datetime) -> None:
    """Keep these, which a half-filled form of the person names, until then; others that nobody claimed go as usual."""
    theirs = (StoredFile.kind == kind, StoredFile.account_id == account_id, StoredFile.organization_id.is_(None))
    free = update(StoredFile).where(*theirs, StoredFile.owner_id.is_(None))
    rows_hit(free.where(StoredFile.uid.not_in(uids)).values(kept_until=None))
    rows_hit(free.where(StoredFile.uid.in_(uids)).values(kept_until=until))


def forget(kind: str, owner_ids: Sequence[int]) -> int:
    """Take away what these rows have of a kind: nobody sees it any more, and the job takes the bytes within a day."""
    return rows_hit(delete(StoredFile).where(StoredFile.kind == kind, StoredFile.owner_id.in_(owner_ids)))


def forget_unclaimed(account_id: int) -> int:
    """Take away what the person sent and nothing claimed."""
    return rows_hit(delete(StoredFile).where(StoredFile.account_id == account_id, StoredFile.owner_id.is_(None)))


def remove_orphans(folder: Path, now: datetime) -> int:
    """Take away what nobody claimed, and bytes without a row; returns how many files' worth. Safe to do twice."""
    old = now - UNCLAIMED
    in_time = and_(StoredFile.kept_until.is_not(None), StoredFile.kept_until >= now)
    unclaimed = (StoredFile.owner_id.is_(None), StoredFile.created_at < old, not_(in_time))
    uids = list(session.scalars(select(StoredFile.uid).where(*unclaimed).limit(BATCH)))
    session.rollback()
    gone = 0
    for uid in uids:
        statement = delete(StoredFile).where(StoredFile.uid == uid, *unclaimed)
        # The row first: a picture that is claimed at this moment stays whole.
        if in_transaction(lambda statement=statement: rows_hit(statement)):  # type: ignore[misc]
            kept_bytes.unlink(folder, uid)
            gone += 1
    return gone + _remove_rowless(folder, old)


def seal_anew(folder: Path) -> int:
    """Seal what lies sealed under the first key; returns how many pictures. Safe to stop and to repeat."""
    uids = list(session.scalars(select(StoredFile.uid).where(StoredFile.is_sealed).order_by(StoredFile.id)))
    session.rollback()
    return sum(kept_bytes.seal_anew(folder, uid) for uid in uids)


def _remove_rowless(folder: Path, before: datetime) -> int:
    gone = 0
    for path, uid in kept_bytes.lying(folder, before.timestamp()):
        if not uid or find(uid) is None:
            path.unlink(missing_ok=True)
            gone += 1
    session.rollback()
    return gone
