"""Settings: the only reader of config files and of the environment.

`load()` reads config.toml at the root (or the file that STVS_CONFIG names; set but empty means no file), lets the
environment override any value as STVS_<SECTION>__<KEY>, and checks everything. What is wrong is told in one line.
"""

import os
import re
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from app.config_limits import Limits, Retention
from app.config_values import (
    CLOCK_TIME,
    KEY_BYTES,
    KeyFault,
    Section,
    Strings,
    check_port,
    check_url,
    database_url,
    decode_key,
)

__all__ = ["KEY_BYTES", "Limits", "Retention", "decode_key"]

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "STVS_"


class ConfigError(Exception):
    """Settings that the program cannot start with; the message is one line that names the key."""


class Site(Section):
    public_url: str
    secret_key: str = Field(min_length=16)
    timezone: Literal["Asia/Shanghai"] = "Asia/Shanghai"
    proxies: int = Field(default=0, ge=0, le=5)
    region: str = Field(default="210200", pattern=r"^[0-9]{6}$")

    _url = field_validator("public_url")(check_url)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host people see, without a port."""
        return urlsplit(self.public_url).hostname or ""


class Database(Section):
    url: str = "sqlite:///var/stvs.db"

    _known = field_validator("url")(database_url)


class RedisServer(Section):
    url: str = Field(default="memory://", pattern=r"^(memory://$|redis://|rediss://|unix://)")

    @field_validator("url")
    @classmethod
    def _port(cls, value: str) -> str:
        check_port(value)
        return value


class WeChat(Section):
    app_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    app_secret: str = Field(min_length=1)
    token: str = Field(pattern=r"^[A-Za-z0-9]{3,32}$")
    encoding_aes_key: str = ""
    mode: Literal["plain", "compatible", "safe"] = "safe"
    account_id: str = Field(default="", pattern=r"^(gh_[A-Za-z0-9_-]{1,60})?$")
    max_push_age: int = Field(default=0, ge=0)
    api_url: str = "https://api.weixin.qq.com"
    oauth_url: str = "https://open.weixin.qq.com"
    verify_file: str = Field(default="", pattern=r"^(MP_verify_[A-Za-z0-9]{1,64}\.txt)?$")

    _urls = field_validator("api_url", "oauth_url")(check_url)

    @model_validator(mode="after")
    def _aes_key_fits(self) -> "WeChat":
        if self.mode != "plain" and not self.encoding_aes_key:
            raise KeyFault("encoding_aes_key", f"is needed in {self.mode} mode")
        if self.encoding_aes_key and not re.fullmatch(r"[A-Za-z0-9]{43}", self.encoding_aes_key):
            raise KeyFault("encoding_aes_key", "must be 43 letters and digits")
        return self

    @property
    def is_sandbox(self) -> bool:
        """Whether "WeChat" is a simulator on this machine."""
        return (urlsplit(self.api_url).hostname or "") in ("127.0.0.1", "localhost", "::1")


class Sms(Section):
    provider: Literal["sandbox", "http", "aliyun", "tencent"] = "sandbox"
    url: str = "http://127.0.0.1:8001/sandbox/sms"
    access_key_id: str = ""
    access_key_secret: str = ""
    sign_name: str = ""
    template: str = ""
    guardian_template: str = ""
    #: No text message but a code is sent from then on, until then, by the clock in China; both empty: at any hour.
    quiet_from: str = Field(default="22:00", pattern=CLOCK_TIME)
    quiet_until: str = Field(default="08:00", pattern=CLOCK_TIME)
    #: Templates by what the message is for; a message without one is not sent as a text.
    templates: dict[str, str] = Field(default_factory=dict)
    app_id: str = ""

    def template_for(self, purpose: str) -> str:
        """The template of a code: of the words that belong to it, else of the usual ones.

        Guardians are asked for consent, which the usual words do not say.
        """
        own = self.guardian_template if purpose == "guardian" else self.templates.get(purpose, "")
        return own or self.template

    @model_validator(mode="after")
    def _complete(self) -> "Sms":
        needed = {
            "sandbox": ("url",),
            "http": ("url",),
            "aliyun": ("access_key_id", "access_key_secret", "sign_name", "template"),
            "tencent": ("access_key_id", "access_key_secret", "sign_name", "template", "app_id"),
        }[self.provider]
        for key in needed:
            if not getattr(self, key):
                raise KeyFault(key, f"is needed for provider {self.provider}")
        if not self.url.startswith(("http://", "https://")):
            raise KeyFault("url", "must begin with http:// or https://")
        if bool(self.quiet_from) != bool(self.quiet_until) or self.quiet_from == self.quiet_until != "":
            raise KeyFault("quiet_until", "and quiet_from must be two times, or both empty")
        return self


class Privacy(Section):
    keys: Strings = Field(min_length=1)
    index_key: str
    algorithm: Literal["aes-256-gcm", "sm4-gcm"] = "aes-256-gcm"

    @field_validator("keys", "index_key")
    @classmethod
    def _decodes(cls, value: tuple[str, ...] | str) -> tuple[str, ...] | str:
        for key in (value,) if isinstance(value, str) else value:
            decode_key(key)
        return value

    @model_validator(mode="after")
    def _apart(self) -> "Privacy":
        if decode_key(self.index_key) in self.ring:
            raise KeyFault("index_key", "must not be one of keys")
        if len(set(self.ring)) < len(self.ring):
            raise KeyFault("keys", "has the same key twice")
        return self

    @property
    def ring(self) -> tuple[bytes, ...]:
        return tuple(decode_key(key) for key in self.keys)


class Organizations(Section):
    review: Literal["parent", "none"] = "none"


class Activities(Section):
    review: Literal["parent", "none"] = "none"


class Notices(Section):
    #: Which template of the account carries which notice, when no customer-service message may be sent.
    templates: dict[str, str] = Field(default_factory=dict)


class Content(Section):
    """Where the files are that an admin edits; relative paths are relative to the project's root."""

    menus: str = "menus"
    replies: str = "replies/default.toml"
    notices: str = "replies/notices.toml"
    policies: str = "var/policies"
    campaigns: str = "replies/campaigns.toml"
    uploads: str = "var/uploads"


class Config(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    site: Site
    database: Database = Database()
    redis: RedisServer = RedisServer()
    wechat: WeChat
    sms: Sms = Sms()
    privacy: Privacy
    limits: Limits = Limits()
    retention: Retention = Retention()
    organizations: Organizations = Organizations()
    activities: Activities = Activities()
    notices: Notices = Notices()
    content: Content = Content()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = config_file()
        file = (TomlConfigSettingsSource(settings_cls, toml_file=path),) if path else ()
        return (init_settings, env_settings, *file)


def config_file() -> Path | None:
    """The file that settings are read from, if there is one. Raises ConfigError if a named file is missing."""
    named = os.environ.get("STVS_CONFIG")
    if named == "":
        return None
    path = Path(named) if named else ROOT / "config.toml"
    if path.is_file():
        return path
    if named:
        raise ConfigError(f"STVS_CONFIG: there is no file {named}")
    return None


def from_root(path: str) -> Path:
    return ROOT / path


def load() -> Config:
    """Read and check all settings. Raises ConfigError with one line that names the key."""
    for name in os.environ:
        section = name.removeprefix(PREFIX).partition("__")[0].lower()
        if name.startswith(PREFIX) and name != "STVS_CONFIG" and section not in Config.model_fields:
            raise ConfigError(f"{name}: there is no such setting")
    try:
        return Config()  # type: ignore[call-arg]  # the values come from the sources
    except ValidationError as error:
        raise ConfigError(_one_line(error)) from None
    except SettingsError as error:
        raise ConfigError(_unreadable_variable(error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{config_file()}: not readable as TOML: {error}") from None


def _unreadable_variable(error: SettingsError) -> str:
    """A variable whose value should have been JSON; a section or a table is rather set key by key."""
    named = re.search(r'"([a-z_]+)"', str(error))
    section = PREFIX + (named[1].upper() if named else "")
    given = [name for name in os.environ if name.startswith(section)]
    culprit = section if section in given else min(given, default=section)
    return f"{culprit}: set its keys one by one, as {culprit}__<KEY>"


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in first["loc"]]
    broken = first.get("ctx", {}).get("error")
    if isinstance(broken, KeyFault):
        place.append(broken.key)
    if first["type"] == "missing":
        what = "is missing"
        if len(place) == 1:
            place.append(_first_needed(place[0]))
    elif first["type"] == "extra_forbidden":
        what = "there is no such setting"
    else:
        what = first["msg"].removeprefix("Value error, ")
    name = ".".join(place)
    variable = PREFIX + "__".join(place).upper()
    return f"setting {name}: {what} (in config.toml, or {variable} in the environment)"


def _first_needed(section: str) -> str:
    """The first key that a section cannot be without."""
    kind = Config.model_fields[section].annotation
    fields = kind.model_fields.items() if isinstance(kind, type) and issubclass(kind, Section) else ()
    return next(name for name, field in fields if field.is_required())
