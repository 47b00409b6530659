"""What a follow and an un-follow change: whether the person can be reached in WeChat."""

from datetime import UTC, datetime

from app.accounts import services
from app.database import in_transaction


def note_following(app_id: str, openid: str, create_time: int, *, is_following: bool) -> None:
    pushed_at = datetime.fromtimestamp(create_time, UTC)
    in_transaction(lambda: services.note_following(app_id, openid, is_following=is_following, pushed_at=pushed_at))
