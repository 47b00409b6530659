"""Fixtures: people, organisations and activities to test with, and the outside services in their places."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import Select

from app.config import Config
from app.context import NAME
from app.database import session
from tests import factories
from tests.fakes import SmsInbox, WeChatAccount
from tests.pages import Browser

T = TypeVar("T")


class World:
    """The product with what tests put into it; each call has an application context of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def do(self, work: Callable[[], T]) -> T:
        with self.app.app_context():
            return work()

    def rows(self, query: Select[Any]) -> Sequence[Any]:
        """What the query finds, as tuples of plain values."""
        with self.app.app_context():
            return [tuple(row) for row in session.execute(query)]

    def one(self, query: Select[Any]) -> Any:
        with self.app.app_context():
            return session.scalar(query)

    def account(self, phone: str = "") -> factories.Person:
        return self.do(lambda: factories.create_account(phone))

    def volunteer(self, **changes: Any) -> factories.Person:
        return self.do(lambda: factories.create_volunteer(**changes))

    def organization(self, parent: factories.Team | None = None, **changes: Any) -> factories.Team:
        return self.do(lambda: factories.create_organization(parent, **changes))

    def activity(self, team: factories.Team, **changes: Any) -> factories.Event:
        return self.do(lambda: factories.create_activity(team, **changes))

    def shift(self, event: factories.Event, **facts: Any) -> int:
        return self.do(lambda: factories.add_shift(event, **facts))

    def browser(self, person: factories.Person | None = None, *, proved: bool = False, **more: Any) -> Browser:
        browser = Browser(self.app, **more)
        return browser.log_in(person, proved=proved) if person else browser

    def at_once(self, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """What each of them gives, or the error that it meets, when all are let go together."""
        gate = threading.Barrier(len(works))
        outcomes: list[Any] = [None] * len(works)

        def run(number: int) -> None:
            with self.app.app_context():
                gate.wait(30)
                try:
                    outcomes[number] = works[number]()
                except Exception as error:
                    outcomes[number] = error

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
            assert not thread.is_alive()
        return outcomes

    @contextmanager
    def settings(self, **sections: dict[str, Any]) -> Iterator[Config]:
        """Other settings for a while: `limits={"codes_per_phone_day": 3}`."""
        before = self.app.extensions[NAME]
        changed = {name: getattr(before.config, name).model_copy(update=more) for name, more in sections.items()}
        self.app.extensions[NAME] = replace(before, config=before.config.model_copy(update=changed))
        try:
            yield self.app.extensions[NAME].config
        finally:
            self.app.extensions[NAME] = before


@contextmanager
def _part(app: Flask, **parts: Any) -> Iterator[None]:
    before = {name: getattr(app.extensions[NAME], name) for name in parts}
    app.extensions[NAME] = replace(app.extensions[NAME], **parts)
    yield
    app.extensions[NAME] = replace(app.extensions[NAME], **before)


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


@pytest.fixture
def sms(app: Flask) -> Iterator[SmsInbox]:
    inbox = SmsInbox()
    with _part(app, sms=inbox):
        yield inbox


@pytest.fixture
def wechat(app: Flask) -> Iterator[WeChatAccount]:
    account = WeChatAccount()
    with _part(app, wechat=account):
        yield account


@pytest.fixture
def root(world: World) -> factories.Team:
    """The 总队."""
    return world.organization()


@pytest.fixture
def team(world: World, root: factories.Team) -> factories.Team:
    """An organisation below the root."""
    return world.organization(root)


@pytest.fixture
def volunteer(world: World) -> factories.Person:
    return world.volunteer()
