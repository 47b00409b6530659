"""The bare transaction of a sign-up: what the database itself can do. pgbench for PostgreSQL, else a thin loop.

As a program it is one process of the thin loop.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.config import Database
from app.database import make_file, open_engine
from bench.processes import ROOT
from tests.servers import USER, ServerMissing, find_program

CLIENTS = 32
TAKE = "UPDATE bare_shifts SET places_taken = places_taken + 1 WHERE id = 1 AND places_taken < quota"
ENTER = "INSERT INTO bare_sign_ups (shift_id, volunteer_id, state) VALUES (1, {volunteer}, 'confirmed')"
BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN", "mysql": "BEGIN"}
ROW_ID = {
    "sqlite": "INTEGER PRIMARY KEY",
    "postgresql": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "mysql": "BIGINT AUTO_INCREMENT PRIMARY KEY",
}


def prepare(url: str) -> None:
    engine = open_engine(Database(url=url))
    make_file(engine)
    statements = (
        "CREATE TABLE bare_shifts (id INTEGER PRIMARY KEY, quota INTEGER NOT NULL, places_taken INTEGER NOT NULL)",
        f"CREATE TABLE bare_sign_ups (id {ROW_ID[engine.dialect.name]}, shift_id INTEGER NOT NULL, "
        "volunteer_id BIGINT NOT NULL, state VARCHAR(16) NOT NULL, UNIQUE (shift_id, volunteer_id))",
        "INSERT INTO bare_shifts VALUES (1, 2000000000, 0)",
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
    engine.dispose()


def rate(url: str, seconds: float, folder: Path, *, insert_first: bool) -> float:
    """Transactions a second from 32 clients (SQLite, which has one writer: from 2)."""
    backend = make_url(url).get_backend_name()
    if backend == "postgresql":
        return _pgbench(url, seconds, folder, insert_first=insert_first)
    threads = 1 if backend == "sqlite" else CLIENTS // 2
    asked = {"url": url, "threads": threads, "seconds": seconds, "insert_first": insert_first}
    command = [sys.executable, "-m", "bench.rush_bare"]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    told = []
    for number, process in enumerate(running):
        assert process.stdin
        process.stdin.write(json.dumps(asked | {"first": number * 10**12}))
        process.stdin.close()
        process.stdin = None
    for process in running:
        told.append(json.loads(process.communicate(timeout=seconds + 60)[0]))
    return float(sum(one["done"] / one["seconds"] for one in told))


def _pgbench(url: str, seconds: float, folder: Path, *, insert_first: bool) -> float:
    program = find_program("pgbench")
    if program is None:
        raise ServerMissing("pgbench is missing: install postgresql-contrib")
    both = (
        [ENTER.format(volunteer=":volunteer"), TAKE] if insert_first else [TAKE, ENTER.format(volunteer=":volunteer")]
    )
    script = folder / "pgbench.sql"
    lines = ["\\set volunteer random(1, 1000000000000)", "BEGIN;", *(f"{one};" for one in both), "COMMIT;"]
    script.write_text("\n".join(lines))
    at = make_url(url)
    size = [f"--client={CLIENTS}", "--jobs=2", f"--time={max(round(seconds), 1)}"]
    where = ["-h", "127.0.0.1", "-p", str(at.port), "-U", USER, str(at.database)]
    command = [program, "-n", "-M", "prepared", "-f", str(script), *size, *where]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def _loop(connection: Any, order: Sequence[str], begin: str, first: int, ends: float, done: list[int]) -> None:
    cursor = connection.cursor()
    count = 0
    while time.monotonic() < ends:
        count += 1
        cursor.execute(begin)
        for statement in order:
            cursor.execute(statement.format(volunteer=first + count))
        connection.commit()
    done.append(count)


def main() -> None:
    asked = json.load(sys.stdin)
    engine = open_engine(Database(url=asked["url"]))
    order = [ENTER, TAKE] if asked["insert_first"] else [TAKE, ENTER]
    connections = [engine.raw_connection() for _ in range(asked["threads"])]
    began, done = time.monotonic(), list[int]()
    first = asked["first"] + time.time_ns() // 1000 * 10**3 % 10**15
    threads = [
        threading.Thread(
            target=_loop,
            args=(
                connection,
                order,
                BEGIN[engine.dialect.name],
                first + number * 10**7,
                began + asked["seconds"],
                done,
            ),
        )
        for number, connection in enumerate(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"done": sum(done), "seconds": time.monotonic() - began}, sys.stdout)


if __name__ == "__main__":
    main()
