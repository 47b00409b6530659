"""A whole province in bulk SQL: volunteers, organisations, activities, ten sign-ups each, all of them skewed.

Few regions, organisations, activities and people have most of everything, as in life. PostgreSQL and MariaDB.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, text

from app.accounts.models import Account
from app.activities.models import Activity, Shift, SignUp
from app.activities.titles import TitleTail
from app.organizations.member_names import NameTail
from app.organizations.models import Membership, Organization, OrganizationAdmin
from app.privacy import new_uid
from app.tails import LONGEST
from app.volunteers.models import Volunteer

#: Volunteers for one organisation, and for one activity; sign-ups of a volunteer.
PER_ORGANIZATION, PER_ACTIVITY, SIGN_UPS = 160, 10, 10
#: The commonest family names first; the last one is one person's.
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"
RAREST = "殳"
#: Districts of one province, the largest first.
REGIONS = ("210202", "210203", "210204", "210211", "210102", "210103", "210104", "210302", "210402", "210502")
HOUR = 3600
MADE = (Account, Volunteer, Organization, Membership, NameTail, Activity, TitleTail, Shift, SignUp)


class Dialect:
    """What the two databases say differently."""

    def __init__(self, engine: Engine) -> None:
        self.is_mysql = engine.dialect.name == "mysql"
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        self._now = f"'{now:%Y-%m-%d %H:%M:%S}'"
        self.skip = ("INSERT IGNORE", "") if self.is_mysql else ("INSERT", " ON CONFLICT DO NOTHING")

    def numbers(self, count: int) -> str:
        """A table n of one column n, from 1 to count."""
        return (
            f"(SELECT seq AS n FROM seq_1_to_{count}) AS n"
            if self.is_mysql
            else f"generate_series(CAST(1 AS BIGINT), {count}) AS n(n)"
        )

    def moment(self, seconds: str) -> str:
        """So many seconds from now."""
        if self.is_mysql:
            return f"TIMESTAMPADD(SECOND, {seconds}, TIMESTAMP {self._now})"
        return f"(TIMESTAMP {self._now} + ({seconds}) * INTERVAL '1 second')"

    def pause_checks(self, connection: Connection) -> None:
        """What is put in belongs together; looking at each row would take longer than all the rest."""
        if self.is_mysql:
            # Not those of unique keys: without them MariaDB empties a table again, silently, that got a row twice.
            connection.execute(text("SET foreign_key_checks = 0"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text("SET statement_timeout = 0"))


def chance(n: str, salt: int) -> str:
    """A number from 0 to below 1 that depends on n alone; those of two salts have nothing to do with each other."""
    factor = (2654435761 * (2 * salt + 1) ** 3) % 2**32 | 1
    return f"(MOD(({n} + {salt}) * {factor}, 4294967296) * POWER(2, -32))"


def skewed(count: int, n: str, salt: int, power: float = 2.0) -> str:
    """A whole number from 0 to below count, low ones far more often."""
    return f"CAST(FLOOR({count} * POWER({chance(n, salt)}, {power})) AS INTEGER)"


def pick(words: str | tuple[str, ...], n: str, salt: int, power: float = 2.0) -> str:
    size = len(words[0])
    return f"SUBSTRING('{''.join(words)}', 1 + {size} * {skewed(len(words), n, salt, power)}, {size})"


class Generator:
    def __init__(self, engine: Engine, volunteers: int) -> None:
        # The product's own connections give up after seconds; what is made here takes minutes.
        self.engine, self.dialect = create_engine(engine.url), Dialect(engine)
        self.volunteers = volunteers
        self.organizations = max(volunteers // PER_ORGANIZATION, 12)
        self.activities = volunteers // PER_ACTIVITY
        self.sign_ups = volunteers * SIGN_UPS

    def fill(self) -> None:
        with self.engine.connect() as connection:
            self.dialect.pause_checks(connection)
            for fill in (self._people, self._organizations, self._activities, self._sign_ups, self._sums):
                fill(connection)
                connection.commit()
            connection.invalidate()  # the checks of this one are off
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(self._analyze()))
        self.engine.dispose()

    def _people(self, connection: Connection) -> None:
        numbers, moment = self.dialect.numbers(self.volunteers), self.dialect.moment
        phones = {"id": "n.n", "phone_index": "CONCAT('phone-', n.n)", "created_at": moment("-n.n")}
        self._insert(connection, Account, phones, numbers)
        name = f"CONCAT({pick(FAMILY, 'n.n', 1)}, {pick(GIVEN, 'n.n', 2)}, {pick(GIVEN, 'n.n', 3, 1)})"
        people = {
            "id": "n.n",
            "account_id": "n.n",
            "name": f"CASE WHEN n.n = {self.volunteers // 2} THEN '{RAREST}一二' ELSE {name} END",
            "gender": "'1'",
            "birth_date": "DATE '1990-05-01'",
            "id_type": "'01'",
            "id_number_index": "CONCAT('id-', n.n)",
            "residence_region": pick(REGIONS, "n.n", 4),
            "registered_at": moment("-n.n"),
        }
        self._insert(connection, Volunteer, people, numbers)

    def _organizations(self, connection: Connection) -> None:
        """A root, ten below it, all others below one of these ten."""
        count, moment = self.organizations, self.dialect.moment
        parent = f"(2 + {skewed(10, 'n.n', 5, 1.5)})"
        values = {
            "id": "n.n",
            "name": "CONCAT('第', n.n, '科技志愿服务队')",
            "st_line": "'A'",
            "parent_id": f"CASE WHEN n.n = 1 THEN NULL WHEN n.n <= 11 THEN 1 ELSE {parent} END",
            "path": "''",
            "depth": "CASE WHEN n.n = 1 THEN 1 WHEN n.n <= 11 THEN 2 ELSE 3 END",
            "region": pick(REGIONS, "n.n", 6),
            "join_mode": "'2'",
            "state": "'approved'",
            "service_categories": "'[\"K1\"]'",
            "created_at": moment("-n.n"),
        }
        self._insert(connection, Organization, values, self.dialect.numbers(count))
        for depth, path in enumerate(("'/1/'", "CONCAT('/1/', id, '/')", "CONCAT('/1/', parent_id, '/', id, '/')"), 1):
            connection.execute(text(f"UPDATE organizations SET path = {path} WHERE depth = {depth}"))
        owners = {"organization_id": "n.n", "account_id": "n.n", "name": "'带队者'", "created_at": moment("-n.n")}
        self._insert(connection, OrganizationAdmin, owners, self.dialect.numbers(count))
        members = {
            "organization_id": "o.id",
            "organization_path": "o.path",
            "volunteer_id": "n.n",
            "state": "'active'",
            "initial": "SUBSTRING(v.name, 1, 1)",
            "asked_at": moment("-n.n"),
            "joined_at": moment("-n.n"),
        }
        # The person with the rarest name is in the largest organisation, so that they are looked for among the most.
        home = f"CASE WHEN n.n = {self.volunteers // 2} THEN 1 ELSE 1 + {skewed(count, 'n.n', 7, 3)} END"
        chosen = f"JOIN organizations o ON o.id = {home} JOIN volunteers v ON v.id = n.n"
        self._insert(connection, Membership, members, f"{self.dialect.numbers(self.volunteers)} {chosen}")
        tails = {"membership_id": "m.id", "organization_id": "m.organization_id", "volunteer_id": "v.id"}
        source = "memberships m JOIN volunteers v ON v.id = m.volunteer_id"
        self._insert_tails(connection, NameTail, tails, "v.name", source)

    def _activities(self, connection: Connection) -> None:
        """Most are over, one in twenty is to come."""
        moment, region = self.dialect.moment, pick(REGIONS, "n.n", 8)
        start = f"CAST({chance('n.n', 9)} * 315 * 24 AS INTEGER) * {HOUR} - 300 * 24 * {HOUR} + {HOUR}"
        hours = "CASE WHEN MOD(n.n, 20) = 0 THEN 720 ELSE 2 END"  # some go on for a month
        values = {
            "id": "n.n",
            "organization_id": f"1 + {skewed(self.organizations, 'n.n', 10, 3)}",
            "title": "CONCAT('科普讲座第', n.n, '讲')",
            "scope_category": "'K1'",
            "region": region,
            "city": f"CONCAT(SUBSTRING({region}, 1, 4), '00')",
            "province": "'210000'",
            "address": "'社区活动室'",
            "content": "'讲解防灾减灾知识。'",
            "leader_name": "'带队者'",
            "signup_start_at": moment(f"{start} - 400 * 24 * {HOUR}"),
            "signup_end_at": moment(start),
            "starts_at": moment(start),
            "ends_at": moment(f"{start} + {hours} * {HOUR}"),
            "cancel_deadline_at": moment(start),
            "lng": f"121.0 + {chance('n.n', 11)}",
            "lat": f"38.5 + {chance('n.n', 12)}",
            "declaration_version": "'2026-11'",
            "state": "'published'",
            "published_at": moment(f"{start} - 400 * 24 * {HOUR}"),
            "created_at": moment("-n.n"),
        }
        self._insert(connection, Activity, values, self.dialect.numbers(self.activities))
        shift = {
            "id": "a.id",
            "activity_id": "a.id",
            "starts_at": "a.starts_at",
            "ends_at": "a.ends_at",
            "quota": "1000000",
        }
        self._insert(connection, Shift, shift, "activities a")
        self._insert_tails(connection, TitleTail, {"activity_id": "a.id"}, "a.title", "activities a")

    def _sign_ups(self, connection: Connection) -> None:
        person = f"1 + {skewed(self.volunteers, 'n.n', 13, 1.5)}"
        values = {
            "shift_id": "s.id",
            "activity_id": "s.id",
            "volunteer_id": person,
            "state": "'confirmed'",
            "shift_starts_at": "s.starts_at",
            "shift_ends_at": "s.ends_at",
            "signed_up_at": self.dialect.moment("-n.n / 10"),
        }
        chosen = f"JOIN shifts s ON s.id = 1 + {skewed(self.activities, 'n.n', 14)} ORDER BY s.id"
        with _without_indexes(connection, SignUp):
            self._insert(connection, SignUp, values, f"{self.dialect.numbers(self.sign_ups)} {chosen}", once=True)

    def _sums(self, connection: Connection) -> None:
        counts = "(SELECT shift_id, COUNT(*) AS many FROM sign_ups GROUP BY shift_id) c"
        if self.dialect.is_mysql:
            told = f"UPDATE shifts JOIN {counts} ON c.shift_id = shifts.id SET places_taken = c.many"
        else:
            told = f"UPDATE shifts SET places_taken = c.many FROM {counts} WHERE c.shift_id = shifts.id"
        connection.execute(text(told))

    def _insert(
        self, connection: Connection, model: Any, given: Mapping[str, str], source: str, *, once: bool = False
    ) -> None:
        """INSERT ... SELECT; what is not given has the column's default. `once`: what is there twice is left out."""
        table: Table = model.__table__
        defaults = {column.name: _default(column, table.name) for column in table.columns if not column.nullable}
        values = {name: value for name, value in defaults.items() if value is not None} | dict(given)
        quote = connection.dialect.identifier_preparer.quote
        names = ", ".join(quote(name) for name in values)
        verb, end = self.dialect.skip if once else ("INSERT", "")
        casts = {name: self._cast(table, name, value) for name, value in values.items()}
        connection.execute(
            text(f"{verb} INTO {table.name} ({names}) SELECT {', '.join(casts.values())} FROM {source}{end}")
        )

    def _insert_tails(
        self, connection: Connection, model: Any, given: Mapping[str, str], text: str, source: str
    ) -> None:
        """The tails of a text, as app/tails.py makes them."""
        values = {**given, "position": "n.n - 1", "tail": f"LOWER(SUBSTRING({text}, CAST(n.n AS INTEGER)))"}
        positions = f"JOIN {self.dialect.numbers(LONGEST)} ON n.n <= CHAR_LENGTH({text})"
        with _without_indexes(connection, model):
            self._insert(connection, model, values, f"{source} {positions}")

    def _cast(self, table: Table, name: str, value: str) -> str:
        if self.dialect.is_mysql or "JSON" not in str(table.columns[name].type):
            return value
        return f"CAST({value} AS JSON)"

    def _analyze(self) -> str:
        tables = ", ".join(model.__tablename__ for model in MADE)
        return f"ANALYZE TABLE {tables}" if self.dialect.is_mysql else f"VACUUM ANALYZE {tables}"


@contextmanager
def _without_indexes(connection: Connection, model: Any) -> Iterator[None]:
    """Rows in the order of one index, the others made afterwards: of ten million rows a tenth of the time."""
    indexes = list(model.__table__.indexes)
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


def _default(column: Any, table: str) -> str | None:
    """The column's default as SQL; None when it has none."""
    if column.default is None:
        return None
    value = column.default.arg
    if column.default.is_callable:
        return f"MD5(CONCAT('{table}', {_row_of(table)}))" if value.__name__ == new_uid.__name__ else "'[]'"
    return str(value).upper() if isinstance(value, bool) else str(value) if isinstance(value, int) else f"'{value}'"


def _row_of(table: str) -> str:
    return {"shifts": "a.id"}.get(table, "n.n")
