"""What an activity keeps of having been called off: a shift that was over by then took place."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.activities.states import ActivityState
from app.database import UtcDateTime
from app.privacy import NONE


class CalledOff:
    """A column of Activity for 取消活动."""

    state: Mapped[str]
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)

    def is_off(self, shift_ends_at: datetime) -> bool:
        """Whether a shift that ends then was called off: it was not over yet."""
        was_over = self.cancelled_at is not None and shift_ends_at <= self.cancelled_at
        return self.state == ActivityState.CANCELLED and not was_over
