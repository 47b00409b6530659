"""A browser for tests: keeps cookies, sends forms with their key, and reads pages field by field."""

import secrets
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.accounts import sessions, visitor
from app.accounts.models import Account
from app.context import here
from app.database import in_transaction, session
from app.web import opened_for
from tests.factories import Person, Team

WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile MicroMessenger/8.0.40"


@dataclass
class Field:
    """What a person sees of a field: what is filled in, and the sentences beside it."""

    label: str = ""
    value: str = ""
    chosen: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The text of a page, its fields by name, and its alerts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.fields: dict[str, Field] = {}
        self.alerts: list[str] = []
        self.hidden: dict[str, str] = {}
        self.links: list[str] = []
        self.text = ""
        self._depth = 0
        self._blocks: list[tuple[int, list[str], list[str]]] = []
        self._select = self._area = self._alert = ""
        self._in_alert = self._in_label = False
        self._label = ""
        self.feed(html)

    def of(self, name: str) -> Field:
        return self.fields.setdefault(name, Field())

    def sent(self, **changed: Any) -> dict[str, Any]:
        """What is filled in, as a browser sends it, but for what is `changed`."""
        filled = {name: one.chosen or one.value for name, one in self.fields.items() if one.chosen or one.value}
        return filled | {name: value for name, value in self.hidden.items() if name != "csrf_token"} | changed

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name = given.get("name", "")
        if tag in ("div", "fieldset"):
            self._depth += 1
            if "field" in given.get("class", "").split():
                self._blocks.append((self._depth, [], []))
        elif tag == "input" and name:
            self._input(name, given)
        elif tag in ("select", "textarea") and name:
            self._meet(name)
            self._select, self._area = (name, "") if tag == "select" else ("", name)
        elif tag == "option" and "selected" in given and self._select:
            self.of(self._select).value = given.get("value", "")
        elif tag == "a":
            self.links.append(given.get("href", ""))
        if given.get("role") == "alert":
            self._in_alert, self._alert = True, ""
        if tag in ("label", "legend"):
            self._in_label, self._label = "field__label" in given.get("class", ""), ""

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind == "hidden":
            self.hidden[name] = given.get("value", "")
        elif kind in ("checkbox", "radio"):
            self._meet(name)
            if "checked" in given:
                self.of(name).chosen.append(given.get("value", ""))
        elif kind != "submit":
            self._meet(name)
            self.of(name).value = given.get("value", "")

    def _meet(self, name: str) -> None:
        if self._blocks and name not in self._blocks[-1][1]:
            self._blocks[-1][1].append(name)
            self.of(name).label = self._label

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_alert:
            self._alert += data
        if self._in_label:
            self._label += data
        if self._area:
            self.of(self._area).value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and self._in_alert:
            self._in_alert = False
            self.alerts.append(self._alert.strip())
            if self._blocks:
                self._blocks[-1][2].append(self._alert.strip())
        elif tag in ("label", "legend"):
            self._in_label = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" or tag == "textarea":
            self._area = ""
        elif tag in ("div", "fieldset"):
            if self._blocks and self._blocks[-1][0] == self._depth:
                _, names, errors = self._blocks.pop()
                for name in names[:1]:
                    self.of(name).errors.extend(errors)
            self._depth -= 1


def read(response: TestResponse) -> Page:
    return Page(response.get_data(as_text=True))


class Browser:
    """A person's browser at the site."""

    def __init__(self, app: Flask, *, agent: str = "Mozilla/5.0 Chrome/116", address: str = "127.0.0.1") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_USER_AGENT"] = agent
        self.client.environ_base["REMOTE_ADDR"] = address
        # In the settings of the tests, and the only host that is ours.
        self.base = here_url(app)
        #: For which organisation the pages were opened whose forms are sent.
        self.opened_for = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=self.base, **more)

    def page(self, path: str) -> Page:
        response = self.get(path)
        assert response.status_code == 200, (path, response.status_code, response.location)
        return read(response)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with the key that the pages of this browser have."""
        form = {"csrf_token": self.form_key(), **(data or {})}
        if self.opened_for:
            form.setdefault(opened_for.FIELD, self.opened_for)
        more.setdefault("headers", {"Referer": f"{self.base}/"})
        return self.client.post(path, data=form, base_url=self.base, **more)

    def act_for(self, team: Team) -> None:
        """Press 切换, and take the pages from then on."""
        assert self.post(f"/organization/act-for/{team.uid}").status_code == 303
        self.opened_for = team.uid

    def form_key(self) -> str:
        with self.client.session_transaction(base_url=self.base) as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        signer = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token")
        return str(signer.dumps(raw))

    def cookie(self) -> dict[str, Any]:
        with self.client.session_transaction(base_url=self.base) as cookie:
            return dict(cookie)

    def log_in(self, person: Person, *, proved: bool = False) -> "Browser":
        """Be logged in, without the codes; `proved` as if by one."""
        with self.app.app_context():
            now = here.clock.now()
            token = in_transaction(
                lambda: sessions.begin(
                    session.get_one(Account, person.account_id), browser="test", now=now, by_code=proved
                )
            )
        with self.client.session_transaction(base_url=self.base) as cookie:
            cookie[visitor.TOKEN] = token
        return self


def here_url(app: Flask) -> str:
    return str(app.extensions["stvs"].config.site.public_url)
