"""What a shift and its sign-ups keep of a drawing of lots."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import UtcDateTime
from app.privacy import NONE


class Drawn:
    """Columns of Shift for 抽签: who enters is counted, and the draw can be computed again by anybody afterwards."""

    #: Sign-ups that wait for the draw; they hold no seat.
    entered: Mapped[int] = mapped_column(default=0, info=NONE)
    #: What the order follows from. Made before anybody enters; its fingerprint is shown at once, itself after the draw.
    draw_seed: Mapped[str] = mapped_column(String(64), default="", info=NONE)
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
    #: How many seats there were to be drawn for.
    drawn_places: Mapped[int | None] = mapped_column(info=NONE)


class Lot:
    """Columns of SignUp for 抽签."""

    id: Mapped[int]
    round: Mapped[int]
    #: Where it came, and under which number; they stay as they were drawn.
    draw_order: Mapped[int | None] = mapped_column(info=NONE)
    draw_ticket: Mapped[str] = mapped_column(String(32), default="", info=NONE)

    @property
    def ticket(self) -> str:
        """The number in a draw that is to come."""
        return f"{self.id}-{self.round}"
