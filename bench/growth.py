"""Every list, detail, roster and search at ten thousand, a hundred thousand and a million volunteers."""

import math
import re
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text

from app import crypto
from app.accounts.models import Account
from app.activities.models import SignUp
from app.database import in_transaction, session
from app.organizations.models import Membership, Organization
from app.privacy import place
from app.volunteers.models import Volunteer
from bench import product
from bench.generator import FAMILY, GIVEN, PER_ACTIVITY, RAREST, REGIONS, Generator
from bench.results import Result, against, compare
from bench.run import Run
from bench.servers import Databases
from bench.sessions import log_in

QUICK, FULL = (10_000, 30_000), (10_000, 100_000, 1_000_000)
#: A page at the largest size to the same at ten thousand; milliseconds in the database.
MUST_RATIO, MUST_DATABASE_MS = 1.5, 5.0
MORE = re.compile(r'href="([^"]*[?&;]after=[^"]*)"')
PAGES_DEEP = 100
MOST_ON_MARIADB = 100_000
STRANGER, ACTIVE, OWNER = "stranger", "active", "owner"


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    person: str = STRANGER
    #: Follow the link to what is below until there is no more, or until the hundredth.
    deep: bool = False


@dataclass
class Seen:
    """What loading a page took, time after time."""

    total_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.total_ms)

    @property
    def database(self) -> float:
        return statistics.median(self.database_ms)


class Town:
    """The product on a database of so many volunteers."""

    def __init__(self, app: Flask, volunteers: int) -> None:
        self.app, self.volunteers = app, volunteers
        with app.app_context():
            self._facts = in_transaction(self._find)
            session.remove()
        self.pages = {page.name: page for page in self._pages()}

    def _find(self) -> dict[str, Any]:
        """The largest organisation, the most active person, the commonest and the rarest of each."""

        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL statement_timeout = 0"))  # no page asks for so much

        def most(column: Any) -> int:
            return int(session.scalars(select(column).group_by(column).order_by(func.count().desc()).limit(1)).one())

        organization, volunteer, activity = (
            most(column) for column in (Membership.organization_id, SignUp.volunteer_id, SignUp.activity_id)
        )
        volunteer_account = session.scalars(select(Volunteer.account_id).where(Volunteer.id == volunteer)).one()
        # Accounts and organisations have the same numbers: the generator made the first ones the owners.
        cookies = log_in(self.app, sorted({volunteer_account, organization}))
        _seal_phones(activity, organization)
        return {
            "activity": activity,
            "own_activity": session.scalars(
                select(SignUp.activity_id)
                .join(SignUp.activity)
                .where(SignUp.activity.property.mapper.class_.organization_id == organization)
                .limit(1)
            ).one(),
            "members": session.scalar(select(func.count()).where(Membership.organization_id == organization)),
            ACTIVE: cookies[volunteer_account],
            OWNER: cookies[organization],
            "organization": session.scalars(select(Organization.uid).where(Organization.id == organization)).one(),
        }

    def _pages(self) -> Sequence[Page]:
        rare = self.volunteers // PER_ACTIVITY // 2
        common, rarest = quote("讲座"), quote(f"第{rare}讲")
        city, district = REGIONS[0][:4] + "00", REGIONS[0]
        activity, own = self._facts["activity"], self._facts["own_activity"]
        return (
            Page("open activities", "/activities"),
            Page("open activities, page 100", "/activities", deep=True),
            Page("open activities of a district", f"/activities?region={district}"),
            Page("open activities of the rarest district", f"/activities?region={REGIONS[-1]}"),
            Page("open activities of a city", f"/activities?region={city}"),
            Page("open activities of a province", "/activities?region=210000"),
            Page("all activities", "/activities?phase=all"),
            Page("all activities, page 100", "/activities?phase=all", deep=True),
            Page("activities that are over, of a district", f"/activities?phase=ended&region={district}"),
            Page("activities that go on now", "/activities?phase=ongoing"),
            Page("activities with room this weekend", "/activities?room=1&when=weekend"),
            Page("activities with the most places", "/activities?sort=places"),
            Page("activities of a kind that nobody does", "/activities?phase=all&category=K9"),
            Page("activities by a common word", f"/activities?phase=all&q={common}"),
            Page("activities by a rare word", f"/activities?phase=all&q={rarest}"),
            Page("open activities by a word that is nowhere", f"/activities?q={quote('天文')}"),
            Page("the most wanted activity", f"/activities/{activity}"),
            Page("the most wanted activity, logged in", f"/activities/{activity}", ACTIVE),
            Page("the most active person's activities", "/volunteer/activities", ACTIVE),
            Page("the most active person's activities, page 100", "/volunteer/activities", ACTIVE, deep=True),
            Page("the most active person's activities to come", "/volunteer/activities?tab=waiting", ACTIVE),
            Page("a volunteer's own page", "/volunteer", ACTIVE),
            Page("organisations to join", "/volunteer/organizations", ACTIVE),
            Page("organisations by name", f"/volunteer/organizations?q={quote('志愿')}", ACTIVE),
            Page("the largest organisation", "/organization", OWNER),
            Page("its activities", "/organization/activities", OWNER),
            Page("its activities, page 100", "/organization/activities", OWNER, deep=True),
            Page("its activities by a word", f"/organization/activities?q={common}", OWNER),
            Page("the roster of one of them", f"/organization/activities/{own}", OWNER),
            *self._newer_pages(),
        )

    def _newer_pages(self) -> Iterator[Page]:
        """What stands only where the product has it."""
        rules = {rule.rule for rule in self.app.url_map.iter_rules()}
        if "/organizations" in rules:
            yield Page("all organisations", "/organizations")
            yield Page("all organisations, page 100", "/organizations", deep=True)
            yield Page("all organisations by name", f"/organizations?q={quote('第7')}")
        if "/organization/below" in rules:
            yield Page("organisations below it", "/organization/below", OWNER)
            yield Page("what is to be judged below it", "/organization/reviews", OWNER)
        if "/organization/volunteers" in rules:
            two = quote(FAMILY[0] + GIVEN[0])
            yield Page("its volunteers", "/organization/volunteers", OWNER)
            yield Page("its volunteers, page 100", "/organization/volunteers", OWNER, deep=True)
            yield Page("its volunteers by the commonest name", f"/organization/volunteers?q={two}", OWNER)
            yield Page("its volunteers by the rarest name", f"/organization/volunteers?q={quote(RAREST + '一')}", OWNER)
            for what, first in (("commonest", FAMILY[0]), ("rarest", RAREST)):
                path = f"/organization/volunteers?below=1&q={quote(first)}"
                yield Page(f"volunteers below it by the {what} first character", path, OWNER)

    @contextmanager
    def open(self, page: Page) -> Iterator[tuple[FlaskClient, str, dict[str, str]]]:
        cookie = self._facts.get(page.person, "")
        headers = {"Cookie": cookie} if cookie else {}
        client, path = self.app.test_client(use_cookies=False), page.path
        for _ in range(PAGES_DEEP - 1 if page.deep else 0):
            found = MORE.search(client.get(path, headers=headers).get_data(as_text=True))
            if found is None:
                break
            path = found[1].replace("&amp;", "&")
        yield client, path, headers


def measure(run: Run) -> Iterator[Result]:
    for backend in ("postgresql", "mariadb"):
        port = run.servers.postgresql() if backend == "postgresql" else run.servers.mariadb()
        yield from _on(run, Databases(backend, port, run.folder))


def _on(run: Run, databases: Databases) -> Iterator[Result]:
    sizes = QUICK if run.quick else tuple(size for size in FULL if size <= run.largest)
    if databases.backend == "mariadb" and sizes[-1] > MOST_ON_MARIADB:
        sizes = tuple(size for size in sizes if size <= MOST_ON_MARIADB)
        print(f"mariadb: no more than {MOST_ON_MARIADB} volunteers, for filling it takes several times as long")
    redis = f"redis://127.0.0.1:{run.servers.redis()}/3"
    with ExitStack() as stack:
        towns = []
        for size in sizes:
            url = stack.enter_context(databases.one(f"town_{size}"))
            app = product.open_product(product.settings(url, redis))
            stack.callback(app.extensions["database"].dispose)
            began = time.monotonic()
            Generator(app.extensions["database"], size).fill()
            print(f"{databases.backend}: {size} volunteers made in {time.monotonic() - began:.0f} s", flush=True)
            towns.append(Town(app, size))
        seen = {name: _look(towns, name, 10 if run.quick else 20) for name in towns[0].pages}
    yield from _results(databases.backend, sizes, seen)


def _look(towns: Sequence[Town], name: str, times: int) -> list[Seen]:
    """Load a page in all sizes in turn."""
    seen = [Seen() for _ in towns]
    with ExitStack() as stack:
        opened = [stack.enter_context(town.open(town.pages[name])) for town in towns]
        for number in range(times + 2):
            for town, one, (client, path, headers) in zip(towns, seen, opened, strict=True):
                _load(town.app, one, client, path, headers, counts=number >= 2)
    return seen


def _load(app: Flask, seen: Seen, client: FlaskClient, path: str, headers: dict[str, str], *, counts: bool) -> None:
    with _timed(app) as statements:
        began = time.perf_counter()
        answer = client.get(path, headers=headers)
        answer.get_data()
        took = time.perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")
    if counts:
        seen.total_ms.append(took * 1000)
        seen.database_ms.append(sum(statements) * 1000)
        seen.queries = len(statements)


@contextmanager
def _timed(app: Flask) -> Iterator[list[float]]:
    """How long each statement takes, from when it is sent until its rows are there."""
    engine, times, began = app.extensions["database"], list[float](), [0.0]

    def before(*anything: Any) -> None:
        began[0] = time.perf_counter()

    def after(*anything: Any) -> None:
        times.append(time.perf_counter() - began[0])

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield times
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)


def _results(backend: str, sizes: Sequence[int], seen: dict[str, list[Seen]]) -> Iterator[Result]:
    width = max(map(len, seen))
    print(f"{'':{width}} queries  ms at {', '.join(map(str, sizes))}; in the database; exponent")
    for name, per_size in seen.items():
        first, last = per_size[0], per_size[-1]
        exponent = math.log(last.median / first.median) / math.log(sizes[-1] / sizes[0])
        total, database = (
            "  ".join(f"{getattr(one, what):6.2f}" for one in per_size) for what in ("median", "database")
        )
        counts = "/".join(str(one.queries) for one in per_size) if first.queries != last.queries else first.queries
        print(f"{name:{width}} {counts!s:>7}  {total} ; {database} ; {exponent:+.2f}")
        title = f"growth on {backend}: {name}, {sizes[-1]} to {sizes[0]} volunteers"
        yield compare(title, last.total_ms, first.total_ms, target=MUST_RATIO, at_most=True)
        if last.queries > first.queries:
            title = f"growth on {backend}: queries of {name}, {sizes[-1]} to {sizes[0]} volunteers"
            yield against(title, last.queries, first.queries, at_most=True)
    slowest = max(seen, key=lambda name: seen[name][-1].database)
    took = seen[slowest][-1].database
    title = f"growth on {backend}: ms in the database of the slowest page to {MUST_DATABASE_MS:g}"
    yield against(title, took, MUST_DATABASE_MS, at_most=True)
    print(f"slowest in the database: {slowest}, {took:.2f} ms", flush=True)


def _seal_phones(activity: int, organization: int) -> None:
    """The generator cannot seal. Those whose phones are shown here get one, so that opening them is measured too."""
    listed = select(SignUp.volunteer_id).where(SignUp.activity_id == activity).limit(600)
    members = select(Membership.volunteer_id).where(Membership.organization_id == organization).limit(3000)
    for query in (listed, members):
        people = session.scalars(query).all()
        rows = session.execute(
            select(Account.id, Account.uid)
            .join(Volunteer, Volunteer.account_id == Account.id)
            .where(Volunteer.id.in_(people))
        )
        sealed = [
            {"id": row.id, "phone_sealed": crypto.ring().seal("17000000000", place("accounts", "phone", row.uid))}
            for row in rows
        ]
        session.bulk_update_mappings(Account.__mapper__, sealed)
