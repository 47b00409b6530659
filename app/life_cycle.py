"""A life cycle is a table: which state may follow which. Things move along its arrows or not at all."""

from collections.abc import Mapping, Set
from typing import Any, ClassVar

from app.errors import AppError


class WrongMove(AppError):
    message, status = "现在不能这样操作，请刷新页面看看最新状态", 409


class LifeCycle:
    """For models with a `state`; NEXT is the table."""

    NEXT: ClassVar[Mapping[Any, Set[Any]]]
    state: object

    def may_become(self, state: str) -> bool:
        return state in self.NEXT[self.state]

    def move_to(self, state: str) -> None:
        """Raises WrongMove."""
        if not self.may_become(state):
            raise WrongMove
        self.state = state
