"""When the account may write first: the windows that a person's own actions open."""

from sandbox.errors import ApiError
from sandbox.people import Person

# Kind of action → seconds, messages (in force since 2023-06-12).
WINDOWS = {"message": (48 * 3600, 5), "tap": (60, 3), "follow": (60, 3), "scan": (60, 3)}


def open_window(person: Person, kind: str, now: float) -> None:
    """A new action of a kind renews its window and its count."""
    seconds, count = WINDOWS[kind]
    person.windows[kind] = {"until": now + seconds, "left": count}
    person.last_action_at = now


def use_window(person: Person, now: float) -> None:
    """Take one message from the window that closes first; ApiError when none is open or all are used up."""
    opened = [window for window in person.windows.values() if now < window["until"]]
    if not opened:
        raise ApiError(45015)
    usable = [window for window in opened if window["left"] > 0]
    if not usable:
        raise ApiError(45047)
    min(usable, key=lambda window: window["until"])["left"] -= 1
