"""Text messages. `open_provider` makes the provider that the settings name."""

import importlib
from collections.abc import Callable

from app.config import ConfigError, Sms
from app.sms.http import HttpProvider
from app.sms.provider import SmsProvider


def open_provider(settings: Sms) -> SmsProvider:
    """Raises ConfigError when the provider's own library is not installed."""
    if settings.provider in ("sandbox", "http"):
        # The sandbox is on this machine, where a proxy for the outside world has nothing to do.
        return HttpProvider(settings.url, through_proxy=settings.provider == "http")
    try:
        # Optional parts: only who uses the provider installs its library.
        module = importlib.import_module(f"app.sms.{settings.provider}")
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"setting sms.provider: {settings.provider} needs its library ({missing.name} is missing): "
            f"pip install --require-hashes -r requirements/{settings.provider}.txt"
        ) from None
    make: Callable[[Sms], SmsProvider] = module.make
    return make(settings)
