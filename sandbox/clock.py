"""The one clock of the sandbox; tests and the phone's drawer can move it."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


@dataclass
class Clock:
    """Real time plus an offset in seconds."""

    offset: float = 0.0

    def now(self) -> float:
        """Unix seconds as WeChat sees them."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def set(self, at: float) -> None:
        self.offset = at - time.time()

    def reset(self) -> None:
        self.offset = 0.0

    def day(self) -> str:
        """The day that daily quotas are counted in: they start anew at midnight in China."""
        return datetime.fromtimestamp(self.now(), UTC).astimezone(CHINA).date().isoformat()

    def month(self) -> str:
        return self.day()[:7]
