"""The one clock of the sandbox; tests and the phone's drawer can move it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
#: The sandbox's years, in Unix seconds: 2000 to 2100.
EARLIEST, LATEST = 946_684_800, 4_102_444_800


def fits(offset: float) -> bool:
    """Whether real time plus this is a time that pages can show and the account can believe."""
    return EARLIEST <= time.time() + offset < LATEST


@dataclass
class Clock:
    """Real time plus an offset in seconds."""

    offset: float = 0.0

    def now(self) -> float:
        """Unix seconds as WeChat sees them."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Raises ValueError when that would leave the sandbox's years."""
        self._move(self.offset, seconds)

    def set(self, at: float) -> None:
        """Raises ValueError when that is not within the sandbox's years."""
        self._move(-time.time(), at)

    def _move(self, start: float, seconds: float) -> None:
        # A whole number may be too large for a float.
        if abs(seconds) > LATEST or not fits(start + seconds):
            raise ValueError("the sandbox's time stays between the years 2000 and 2100")
        self.offset = start + seconds

    def reset(self) -> None:
        self.offset = 0.0

    def day(self) -> str:
        """The day that daily quotas are counted in: they start anew at midnight in China."""
        return datetime.fromtimestamp(self.now(), UTC).astimezone(CHINA).date().isoformat()

    def month(self) -> str:
        return self.day()[:7]
