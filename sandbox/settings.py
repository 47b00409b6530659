"""What the environment may say. Nothing else in the sandbox reads it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

MODES = ("plain", "compatible", "safe")
PREFIX = "SANDBOX_"


class SettingsError(Exception):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """One account and where its product listens."""

    host: str = "127.0.0.1"
    port: int = 8001
    site_url: str = "http://127.0.0.1:8000"
    app_id: str = "wx5a9d000000000001"
    app_secret: str = "0000sandbox0secret0not0real00000"
    token: str = "sandboxtoken"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
    mode: str = "plain"
    account_id: str = "gh_5a9d00000001"
    account_name: str = "科技志愿服务"
    state: Path | None = None

    @property
    def site_origin(self) -> str:
        return origin_of(self.site_url)

    @property
    def site_host(self) -> str:
        """The domain that WeChat's console would hold: no scheme, no port."""
        return urlsplit(self.site_url).hostname or ""

    @property
    def callback_url(self) -> str:
        return self.site_url.rstrip("/") + "/wechat/callback"


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, in lower case; default ports left out."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return f"{parts.scheme.lower()}://{host}{port}"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read SANDBOX_*; raises SettingsError naming the first setting that is wrong."""
    known = {name: PREFIX + name.upper() for name in Settings.__dataclass_fields__}
    given = {name: environ[key] for name, key in known.items() if environ.get(key)}
    port = given.pop("port", str(Settings.port))
    if not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"SANDBOX_PORT: not a port: {port}")
    state = given.pop("state", "")
    settings = Settings(**given, port=int(port), state=Path(state) if state else None)
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Refuse what would only fail later."""
    if not is_loopback(settings.host):
        raise SettingsError(f"SANDBOX_HOST: only a loopback address is allowed, not {settings.host}")
    if urlsplit(settings.site_url).scheme not in ("http", "https") or not settings.site_host:
        raise SettingsError(f"SANDBOX_SITE_URL: not an http address: {settings.site_url}")
    if settings.mode not in MODES:
        raise SettingsError(f"SANDBOX_MODE: one of {', '.join(MODES)}, not {settings.mode}")
    if not re.fullmatch(r"[A-Za-z0-9]{43}", settings.aes_key):
        raise SettingsError("SANDBOX_AES_KEY: 43 letters and digits")
    if not re.fullmatch(r"[A-Za-z0-9]{3,32}", settings.token):
        raise SettingsError("SANDBOX_TOKEN: 3 to 32 letters and digits")


def is_loopback(host: str) -> bool:
    """Whether a host name can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
