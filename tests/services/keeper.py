"""A program that keeps one server for a test run: it ends the server and removes its folder as soon as the run's
process is gone, however it went. It imports nothing slow.
"""

import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def as_user(user: str | None) -> dict[str, Any]:
    """Arguments for subprocess that run a program as the user; None and "" mean the present one."""
    if not user:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def wait_for_end(owner: int, server: subprocess.Popen[bytes]) -> None:
    """Return when the owner or the server has ended."""
    if hasattr(os, "pidfd_open"):
        poll = select.poll()
        for pid in (owner, server.pid):
            try:
                poll.register(os.pidfd_open(pid), select.POLLIN)
            except ProcessLookupError:
                return
        poll.poll()
        return
    while server.poll() is None:
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            return
        time.sleep(0.2)


def main(owner: str, home: str, user: str, *command: str) -> None:
    with Path(home, "log").open("wb") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=home, **as_user(user))
    wait_for_end(int(owner), server)
    if server.poll() is not None:
        return  # it broke: the log in its folder tells why
    # To PostgreSQL SIGQUIT says: end now, with all children. What is lost was made for the tests.
    server.send_signal(signal.SIGQUIT if Path(command[0]).name == "postgres" else signal.SIGTERM)
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    shutil.rmtree(home, ignore_errors=True)
    # The last keeper takes the run's folder along, which a killed run leaves.
    if not any(Path(home).parent.glob("*/log")):
        shutil.rmtree(Path(home).parent, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
