"""`flask doctor`: what an operator gets wrong first, each with what to do."""

import ipaddress
import stat
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click
from flask.cli import with_appcontext
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import migrate, regions, seals
from app.accounts import code_caps
from app.config import ROOT, Config, ConfigError, config_file
from app.context import here
from app.notices import text_messages
from app.notices.texts import BY_TEXT, KINDS
from app.redis import RedisError
from app.wechat.gateway import OutcomeUnknown, WeChatError
from app.wechat.menu_diff import drift

OK, WARNING, FAULT = "ok", "warning", "FAULT"
Finding = tuple[str, str]

#: A clock that differs by more spoils codes, tokens and signatures.
MOST_SKEW_SECONDS = 30
SHORT_TOKEN = 16
#: What no public name ends with (RFC 6761, 6762).
LOCAL_NAMES = (".localhost", ".local", ".test", ".invalid", ".internal")
#: The first that takes NX and GET in one SET.
OLDEST_REDIS = 7
#: What every installation must have of its own.
SECRETS = (
    ("site", "public_url"),
    ("site", "secret_key"),
    *(("wechat", key) for key in ("app_id", "app_secret", "token", "encoding_aes_key", "account_id")),
    ("privacy", "keys"),
    ("privacy", "index_key"),
)


def check_address(config: Config) -> Iterator[Finding]:
    url = urlsplit(config.site.public_url)
    if config.wechat.is_sandbox:
        yield OK, f"public address {config.site.public_url} (sandbox: not checked further)"
        return
    if url.scheme != "https":
        yield FAULT, "site.public_url must begin with https:// for WeChat to open it"
    if url.port:
        yield FAULT, "site.public_url must not name a port: WeChat's domain list has none"
    host = config.site.host
    try:
        ipaddress.ip_address(host)
        yield FAULT, "site.public_url must be a name, not an IP address"
    except ValueError:
        if "." not in host.rstrip(".") or host.endswith(LOCAL_NAMES):
            yield FAULT, f"site.public_url is {config.site.public_url}: nobody outside finds a host of that name"
        else:
            yield OK, f"public address {config.site.public_url}"


def check_secrets(config: Config) -> Iterator[Finding]:
    mine = set(SECRETS) - set(placeholders(config))
    if len(config.wechat.token) < SHORT_TOKEN:
        yield WARNING, f"wechat.token is shorter than {SHORT_TOKEN} characters: make it longer, here and in the console"
    elif ("wechat", "token") in mine:
        yield OK, "token"
    if config.wechat.mode != "safe":
        yield WARNING, f"wechat.mode is {config.wechat.mode}: only safe mode proves what a push says; choose it"
    elif ("wechat", "encoding_aes_key") in mine:
        yield OK, "safe mode with an AES key of the right length"
    if not config.wechat.account_id:
        yield WARNING, "wechat.account_id is not set: pushes to another account are not recognised in plain mode"
    if not config.wechat.max_push_age and not config.wechat.is_sandbox:
        yield WARNING, "wechat.max_push_age is 0: an old push that was overheard is believed; set 600"
    path = config_file()
    if path and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield WARNING, f"{path.name} can be read by others: chmod 600 {path.name}"


def check_database(config: Config) -> Iterator[Finding]:
    try:
        if told := migrate.lack(here.engine):
            yield FAULT, told
        else:
            yield OK, f"database {here.engine.dialect.name}, migrated"
        if here.engine.dialect.name == "sqlite":
            return
        with here.engine.connect() as connection:
            there = connection.execute(select(func.current_timestamp())).scalar_one()
        # Our connections are in UTC; PostgreSQL says so itself, MySQL and MariaDB do not.
        yield from _skew(there if there.tzinfo else there.replace(tzinfo=UTC), "the database's")
    except SQLAlchemyError as error:
        yield FAULT, f"database cannot be reached: {str(getattr(error, 'orig', error)).splitlines()[0][:200]}"


def _skew(there: datetime, whose: str) -> Iterator[Finding]:
    seconds = abs((here.clock.now() - there).total_seconds())
    if seconds > MOST_SKEW_SECONDS:
        yield FAULT, f"this machine's clock is {seconds:.0f} s off {whose}: switch on time synchronisation"
    else:
        yield OK, f"clock agrees with {whose}"


def check_keys(config: Config) -> Iterator[Finding]:
    """A wrong key is seen by nobody until people are missing."""
    try:
        with here.engine.connect() as connection:
            wrong = list(seals.faults(connection))
    except SQLAlchemyError:
        return  # told by the database's own check
    for line in wrong:
        yield FAULT, line
    if not wrong:
        yield OK, "privacy.keys and index_key fit the data"


def check_redis(config: Config) -> Iterator[Finding]:
    try:
        here.redis.ping()
    except RedisError as error:
        yield FAULT, f"Redis cannot be reached: {str(error)[:200]}"
        return
    if config.redis.url == "memory://":
        yield (OK if config.wechat.is_sandbox else WARNING), "Redis in this process: good for one web process"
        return
    version = str(here.redis.info("server")["redis_version"])
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        yield FAULT, f"Redis {version} is too old to claim a push in one command: {OLDEST_REDIS} or newer is needed"
    else:
        yield OK, f"Redis {version}"


def check_wechat(config: Config) -> Iterator[Finding]:
    try:
        there = here.wechat.check_token()
    except OutcomeUnknown as error:
        yield FAULT, f"WeChat: {error.reason}"
        return
    except WeChatError as error:
        yield FAULT, f"WeChat gives no token: {error}"
        return
    yield OK, "WeChat gives a token"
    if there and not config.wechat.is_sandbox:
        yield from _skew(there, "WeChat's")


def check_menu(config: Config) -> Iterator[Finding]:
    try:
        changes = drift()
    except ConfigError as error:
        yield FAULT, f"menu files: {error}"
    except WeChatError as error:
        yield WARNING, f"the live menu cannot be read: {error}"
    else:
        yield (WARNING, "the live menu differs from the files: `flask menu diff`") if changes else (OK, "menu")


def check_channels(config: Config) -> Iterator[Finding]:
    """Whether messages can reach anybody at all."""
    if config.wechat.is_sandbox:
        return
    if config.sms.provider == "sandbox":
        yield FAULT, 'sms.provider is "sandbox": nobody would receive a code; set http, aliyun or tencent'
    missing = sorted(KINDS - set(config.notices.templates))
    if missing:
        yield (
            WARNING,
            f"[notices] templates has none for {', '.join(missing)}: outside WeChat's window nobody hears of it",
        )
    unsaid = sorted(kind for kind in BY_TEXT if here.notice_texts.may_be_text(kind) and not here.sms.carries(kind))
    if unsaid:
        yield WARNING, f"[sms] templates has none for {', '.join(unsaid)}: it is never sent as a text message"


def check_codes(config: Config) -> Iterator[Finding]:
    """Whether the day's codes run out: an attack, or a good day."""
    try:
        sent, cap = code_caps.sent_today(here.clock.now()), config.limits.codes_per_site_day
        texts, most = text_messages.sent_today(here.clock.now()), config.limits.texts_per_site_day
    except SQLAlchemyError:
        return  # told by the database's own check
    if sent >= code_caps.near(cap):
        yield (
            WARNING,
            f"{sent} of today's {cap} codes by text message are sent: see who asks, or raise limits.codes_per_site_day",
        )
    else:
        yield OK, f"{sent} of today's {cap} codes by text message are sent"
    if most and texts >= code_caps.near(most):
        spent = f"{texts} of today's {most} other text messages are sent"
        yield WARNING, f"{spent}: see what for, or raise limits.texts_per_site_day"


def placeholders(config: Config) -> Iterator[tuple[str, str]]:
    """Section and key of the values of config.example.toml that were never replaced."""
    example = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))
    for section, key in SECRETS:
        if getattr(getattr(config, section), key) == _tupled(example[section][key]):
            yield section, key


def check_placeholders(config: Config) -> Iterator[Finding]:
    for section, key in placeholders(config):
        yield FAULT, f"{section}.{key} is still the placeholder of config.example.toml"


def _tupled(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def check_regions(config: Config) -> Iterator[Finding]:
    if not regions.exists(config.site.region):
        yield FAULT, f"site.region {config.site.region} is no known region"
    else:
        yield OK, f"regions of {regions.revision()}"


CHECKS: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    check_address,
    check_placeholders,
    check_secrets,
    check_channels,
    check_codes,
    check_regions,
    check_database,
    check_keys,
    check_redis,
    check_wechat,
    check_menu,
)


@click.command()
@with_appcontext
def doctor() -> None:
    """Check the settings and all that the site needs; exit status 1 when something must be mended."""
    findings = [finding for check in CHECKS for finding in check(here.config)]
    for level, message in findings:
        click.echo(f"{level:8}{message}")
    if any(level == FAULT for level, _ in findings):
        raise SystemExit(1)
