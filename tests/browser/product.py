"""The whole product as processes, as `make run` has it: web, worker and sandbox on free ports, demonstration data."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import requests

from app.config import ROOT
from scripts.run import templates_by_kind
from tests.servers import free_port

READY_SECONDS = 60
END_SECONDS = 15
COMMAND_SECONDS = 120
SECRETS = {
    "SANDBOX_APP_ID": "wx0123456789abcdef",
    "SANDBOX_APP_SECRET": "made-up-app-secret-for-tests",
    "SANDBOX_TOKEN": "madeuptoken",
    "SANDBOX_AES_KEY": "MadeUp0KeyForTests0123456789abcdefghijklmno",
    "SANDBOX_MODE": "safe",
    "SANDBOX_ACCOUNT_ID": "gh_0123456789ab",
}
PR_SET_PDEATHSIG = 1


class Process:
    """One process of the product; what it says goes into a file."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        self._command, self._env = command, env
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, preexec_fn=end_with_parent
            )

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._running is None:
            return
        self._running.send_signal(how)
        try:
            self._running.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        self._running = None

    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None


def end_with_parent() -> None:
    """A test run that is killed must not leave the product behind. Linux only; elsewhere it stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Product:
    """`site` and `phone` are the two addresses; `env` is the environment that its processes and commands have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port, sandbox_port = free_port(), free_port()
        self.site = f"http://127.0.0.1:{port}"
        self.phone = f"http://127.0.0.1:{sandbox_port}"
        own = {
            "STVS_CONFIG": str(folder / "config.toml"),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "SANDBOX_SITE_URL": self.site,
            "SANDBOX_STATE": str(folder / "sandbox.json"),
            "PYTHONUNBUFFERED": "1",
        }
        self.env = {**os.environ, **own, **SECRETS}
        (folder / "config.toml").write_text(self._config(), encoding="utf-8")
        python = sys.executable
        gunicorn = [python, "-m", "gunicorn", f"--bind=127.0.0.1:{port}", "--threads=8", "--workers=1"]
        settings = ROOT / "deploy" / "gunicorn.conf.py"
        if settings.exists():
            gunicorn.append(f"--config={settings}")
        commands = {
            "web": [*gunicorn, "wsgi"],
            "worker": [python, "-m", "flask", "worker"],
            "sandbox": [python, "-m", "sandbox"],
        }
        self.processes = {
            name: Process(name, command, self.env, folder / f"{name}.log") for name, command in commands.items()
        }

    def _config(self) -> str:
        key, index_key = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "aWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWk="
        return f"""
[site]
public_url = "{self.site}"
secret_key = "made-up-secret-of-the-tests"
[database]
url = "sqlite:///{self.folder}/stvs.db"
[wechat]
app_id = "{SECRETS["SANDBOX_APP_ID"]}"
app_secret = "{SECRETS["SANDBOX_APP_SECRET"]}"
token = "{SECRETS["SANDBOX_TOKEN"]}"
encoding_aes_key = "{SECRETS["SANDBOX_AES_KEY"]}"
mode = "{SECRETS["SANDBOX_MODE"]}"
account_id = "{SECRETS["SANDBOX_ACCOUNT_ID"]}"
api_url = "{self.phone}"
oauth_url = "{self.phone}"
[sms]
provider = "sandbox"
url = "{self.phone}/sandbox/sms"
quiet_from = ""
quiet_until = ""
[privacy]
keys = ["{key}"]
index_key = "{index_key}"
[notices]
templates = {{ {", ".join(f'{kind} = "{template}"' for kind, template in templates_by_kind().items())} }}
[content]
policies = "{self.folder}/policies"
uploads = "{self.folder}/uploads"
[limits]
# All walks come from one address, some prove a phone twice within a minute, and one organiser logs in for many of them.
codes_per_address_hour = 1000
codes_before_puzzle = 1000
codes_per_address_day = 1000
codes_per_phone_day = 1000
code_interval_seconds = 0
# Two people are a long list here: another admin is asked before they go out.
export_rows = 1
"""

    def start(self) -> None:
        self.flask("db", "upgrade")
        self.flask("demo")
        for process in self.processes.values():
            process.start()
        self._until_ready(f"{self.phone}/", "sandbox")
        self._until_ready(f"{self.site}/readyz", "web")
        self.flask("menu", "push", "--yes")

    def flask(self, *words: str) -> str:
        """Run an operator's command; raises AssertionError with what it said when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", *words],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        assert done.returncode == 0, f"flask {' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def kill_worker(self) -> None:
        """End the worker as a power cut would."""
        self.processes["worker"].end(signal.SIGKILL)

    def restart_worker(self) -> None:
        self.processes["worker"].end()
        self.processes["worker"].start()

    def restart_web(self) -> None:
        self.processes["web"].end()
        self.processes["web"].start()
        self._until_ready(f"{self.site}/readyz", "web")

    def stop(self) -> None:
        for process in reversed(self.processes.values()):
            process.end()

    def logs(self) -> dict[str, str]:
        """The end of what each process said."""
        return {
            name: process.log.read_text(errors="replace")[-6000:]
            for name, process in self.processes.items()
            if process.log.exists()
        }

    def _until_ready(self, url: str, name: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        status: object = "no answer"
        while time.monotonic() < deadline and self.processes[name].is_running():
            try:
                status = requests.get(url, timeout=5, allow_redirects=False).status_code
            except requests.RequestException:
                status = "no answer"
            if status == 200:
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} was not ready ({status} of {url}):\n{self.logs().get(name)}")
