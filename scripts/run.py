"""`make run`: database, demonstration data, web, worker and sandbox, with nothing asked. Ctrl-C ends all."""

import os
import secrets
import socket
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

from flask import Flask
from honcho.manager import Manager
from honcho.printer import Printer

from app import config, create_app, crypto
from app.notices.texts import KINDS

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
READY_SECONDS = 60
MOST_PORT = 65535

TEMPLATE = """\
# Made by `make run` for this machine: the site against the sandbox. config.example.toml explains every setting.

[site]
public_url = "http://127.0.0.1:8000"
secret_key = "{secret_key}"

[wechat]
app_id = "{app_id}"
app_secret = "{app_secret}"
token = "{token}"
encoding_aes_key = "{aes_key}"
account_id = "{account_id}"
mode = "safe"
api_url = "http://127.0.0.1:8001"
oauth_url = "http://127.0.0.1:8001"

[sms]
provider = "sandbox"
# Whoever tries this out at night wants to see them, too.
quiet_from = ""
quiet_until = ""

[privacy]
keys = ["{key}"]
index_key = "{index_key}"

[limits]
# Everybody who tries this out comes from one address.
codes_per_address_hour = 1000
codes_before_puzzle = 1000
codes_per_address_day = 1000

[notices.templates]
# Templates that the sandbox knows, for people whom no customer-service message may reach.
{templates}
"""
#: As sandbox/people.toml names them, by their keys; the two meet over HTTP alone, so it is said twice.
SANDBOX_TEMPLATES = {
    "thing1 time2 thing3": "SandboxTemplate0000000000000000000000000001",
    "thing1 time2 phrase3": "SandboxTemplate0000000000000000000000000002",
    "thing1 thing2": "SandboxTemplate0000000000000000000000000003",
    "thing1 phrase2": "SandboxTemplate0000000000000000000000000004",
    "thing1 time2": "SandboxTemplate0000000000000000000000000005",
}


def letters(count: int) -> str:
    return "".join(
        secrets.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(count)
    )


def templates_by_kind() -> dict[str, str]:
    """Of each kind of notice, the sandbox's template that wants what the notice says."""
    entries = tomllib.loads((ROOT / "replies" / "notices.toml").read_text(encoding="utf-8"))
    found = {kind: SANDBOX_TEMPLATES.get(" ".join(entries[kind].get("template", {}))) for kind in sorted(KINDS)}
    return {kind: template for kind, template in found.items() if template}


def make_settings(path: Path) -> None:
    text = TEMPLATE.format(
        secret_key=secrets.token_hex(32),
        app_id="wx" + secrets.token_hex(8),
        app_secret=secrets.token_hex(16),
        token=letters(24),
        aes_key=letters(43),
        account_id="gh_" + secrets.token_hex(6),
        key=crypto.new_key(),
        index_key=crypto.new_key(),
        templates="\n".join(f'{kind} = "{template}"' for kind, template in templates_by_kind().items()),
    )
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def environment(port: str, sandbox_port: str) -> dict[str, str]:
    """Where everything is; a value that is set already stays."""
    site, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    places = {
        "PORT": port,
        "SANDBOX_PORT": sandbox_port,
        "STVS_SITE__PUBLIC_URL": site,
        "STVS_WECHAT__API_URL": sandbox,
        "STVS_WECHAT__OAUTH_URL": sandbox,
        "STVS_SMS__URL": f"{sandbox}/sandbox/sms",
        "PYTHONUNBUFFERED": "1",
    }
    return {**places, **{name: value for name, value in os.environ.items() if value or name == "STVS_CONFIG"}}


def free_port(name: str, default: str) -> str:
    """The port that the variable names, if it can be had; else an end with one line."""
    port = os.environ.get(name) or default
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= MOST_PORT):
        sys.exit(f"{name} must be a number from 1 to {MOST_PORT}, not {port!r}")
    other = int(port) + (100 if int(port) + 100 <= MOST_PORT else -100)
    with socket.socket() as listener:
        # As the servers do: what a run just ended still holds does not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except PermissionError as error:
            sys.exit(f"port {port} cannot be had: {error.strerror}; choose another: {name}={default} make run")
        except OSError:
            sys.exit(f"port {port} is taken: end what uses it, or choose another: {name}={other} make run")
    return port


def sandbox_settings(settings: config.Config) -> dict[str, str]:
    """The sandbox plays the account that the site is set up for."""
    wechat = settings.wechat
    return {
        "SANDBOX_SITE_URL": settings.site.public_url,
        "SANDBOX_APP_ID": wechat.app_id,
        "SANDBOX_APP_SECRET": wechat.app_secret,
        "SANDBOX_TOKEN": wechat.token,
        "SANDBOX_AES_KEY": wechat.encoding_aes_key,
        "SANDBOX_MODE": wechat.mode,
        "SANDBOX_ACCOUNT_ID": wechat.account_id,
        "SANDBOX_STATE": str(ROOT / "var" / "sandbox.json"),
    }


def flask(app: Flask, *arguments: str) -> None:
    """Do one of our commands here, without another start; its words are shown only when it fails."""
    done = app.test_cli_runner().invoke(args=list(arguments))
    if done.exit_code:
        raise SystemExit(f"flask {' '.join(arguments)} failed:\n{done.output}{done.exception or ''}")


def is_up(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def finish_start(app: Flask, manager: Manager, site: str, sandbox: str, hint: str) -> None:
    """Once all is up: push the menu and say where to go."""
    ends = time.monotonic() + READY_SECONDS
    while not (is_up(f"{site}/readyz") and is_up(f"{sandbox}/sandbox/state")):
        if time.monotonic() > ends:
            print("The site or the sandbox did not start; their messages are above.", flush=True)
            manager.terminate()
            return
        time.sleep(0.1)
    try:
        flask(app, "menu", "push", "--yes")
    except SystemExit as error:
        print(error, flush=True)
        manager.terminate()
        return
    print(
        f"\n  The phone (sandbox)  {sandbox}/\n  The site             {site}/\n\n  Ctrl-C ends all.\n{hint}", flush=True
    )


def beside(settings: config.Config) -> str:
    """How `flask` commands find what runs, when it runs elsewhere than config.toml says; empty when they do."""
    filed = {
        "STVS_SITE__PUBLIC_URL": settings.site.public_url,
        "STVS_WECHAT__API_URL": settings.wechat.api_url,
        "STVS_WECHAT__OAUTH_URL": settings.wechat.oauth_url,
        "STVS_SMS__URL": settings.sms.url,
    }
    if all(os.environ[name] == value for name, value in filed.items()):
        return ""
    return (
        "  For flask commands beside it:\n  export " + " ".join(f"{name}={os.environ[name]}" for name in filed) + "\n"
    )


def main() -> None:
    os.chdir(ROOT)
    port, sandbox_port = free_port("PORT", "8000"), free_port("SANDBOX_PORT", "8001")
    if port == sandbox_port:
        sys.exit("PORT and SANDBOX_PORT must differ")
    if "STVS_CONFIG" not in os.environ and not (ROOT / "config.toml").exists():
        make_settings(ROOT / "config.toml")
    try:
        filed = config.load()
        if not filed.wechat.is_sandbox:
            sys.exit("These settings are for the real WeChat; `make run` is for trying out. Real use: docs/deploy.md.")
        os.environ.update(environment(port, sandbox_port))
        settings = config.load()
        app = create_app(settings)
    except config.ConfigError as error:
        sys.exit(str(error))
    flask(app, "db", "upgrade")
    flask(app, "demo")
    manager = Manager(Printer(sys.stdout, colour=sys.stdout.isatty()))
    python = BIN / "python"
    manager.add_process("web", f"{BIN}/gunicorn -c deploy/gunicorn.conf.py wsgi")
    manager.add_process("worker", f"{BIN}/flask worker")
    manager.add_process("sandbox", f"{python} -m sandbox", env={**os.environ, **sandbox_settings(settings)})
    places = (app, manager, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}", beside(filed))
    threading.Thread(target=finish_start, args=places, daemon=True).start()
    manager.loop()
    sys.exit(manager.returncode)


if __name__ == "__main__":
    main()
