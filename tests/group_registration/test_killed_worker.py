"""A worker that is killed in the middle of 确认导入, as a process: the next one ends it, and each row is done once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import AuditEntry
from app.config import ROOT
from app.context import NAME, here
from app.database import in_transaction, session
from app.group_registration import services
from app.group_registration.models import TO_APPLY, ImportBatch, ImportRow
from app.notices.models import Notice
from app.organizations.models import Membership, Organization
from app.organizations.recount import recount
from tests.conftest import NOWHERE, made_up_key
from tests.group_registration.sheets import row
from tests.wechat.account import eventually

KNOWN, NEW = 60, 540
WORKER = [sys.executable, "-m", "flask", "worker"]
SECONDS = 30


@pytest.fixture(autouse=True)
def _real_time(clock):
    """The worker has the machine's clock."""
    clock.set(datetime.now(UTC))


def environment(config, url):
    values = {
        "SITE__PUBLIC_URL": config.site.public_url,
        "SITE__SECRET_KEY": config.site.secret_key,
        "DATABASE__URL": url,
        "REDIS__URL": config.redis.url,
        "WECHAT__APP_ID": config.wechat.app_id,
        "WECHAT__APP_SECRET": config.wechat.app_secret,
        "WECHAT__TOKEN": config.wechat.token,
        "WECHAT__MODE": "plain",
        "WECHAT__API_URL": NOWHERE,
        "SMS__URL": f"{NOWHERE}/sandbox/sms",
        "PRIVACY__KEYS": made_up_key("k"),
        "PRIVACY__INDEX_KEY": made_up_key("i"),
        "CONTENT__UPLOADS": config.content.uploads,
    }
    return {**os.environ, "STVS_CONFIG": "", **{f"STVS_{name}": value for name, value in values.items()}}


@contextmanager
def worker(world, log) -> Iterator[subprocess.Popen[bytes]]:
    """`flask worker`, as it runs beside the site."""
    url = world.app.extensions["database"].url.render_as_string(hide_password=False)
    env = environment(world.app.extensions[NAME].config, url)
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "worker"], cwd=ROOT, env=env, stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def left(world):
    """How many rows are still to be imported."""
    return world.one(select(func.count()).select_from(ImportRow).where(ImportRow.state.in_(TO_APPLY)))


def claim_ends(world):
    """Three minutes pass in which nobody hears of the worker; the timer wakes the next one."""

    def act():
        session.execute(update(ImportBatch).values(claimed_until=datetime.now(UTC) - timedelta(seconds=1)))

    world.do(lambda: in_transaction(act))
    world.do(lambda: here.jobs.wake(services.JOB))


def test_each_row_is_imported_once_though_its_worker_is_killed_twice(world, team, boss, checked, tmp_path):
    people = [world.volunteer() for _ in range(KNOWN)]
    known = [row(phone=one.phone, id_number=one.id_number) for one in people]
    # Spread, so that each part of the import has some of both.
    rows = [one for number in range(KNOWN) for one in (known[number], *(row() for _ in range(NEW // KNOWN)))]
    address = checked(rows)
    assert boss.post(f"{address}/confirm").status_code == 303
    log = tmp_path / "worker.log"
    before = left(world)
    assert before == KNOWN + NEW
    for _ in range(2):
        with worker(world, log) as process:
            eventually(lambda before=before: left(world) < before, SECONDS)
            process.kill()
            process.wait(10)
        after = left(world)
        assert 0 < after < before, "it was killed in the middle"
        before = after
        claim_ends(world)
    with worker(world, log):
        eventually(lambda: world.one(select(ImportBatch.state)) == "applied", SECONDS)
    columns = (ImportBatch.invited_count, ImportBatch.joined_count, ImportBatch.left_out_count)
    assert world.rows(select(*columns)) == [(NEW, KNOWN, 0)]
    assert sorted(world.rows(select(ImportRow.state, func.count()).group_by(ImportRow.state))) == [
        ("invited", NEW),
        ("joined", KNOWN),
    ]
    joined = world.rows(select(Membership.volunteer_id).where(Membership.organization_id == team.id))
    assert sorted(joined) == sorted((one.volunteer_id,) for one in people)
    told = world.rows(select(Notice.account_id).where(Notice.kind == "membership_imported"))
    assert sorted(told) == sorted((one.account_id,) for one in people)
    noted = select(AuditEntry.action, func.count()).where(
        AuditEntry.action.in_(["import.applied", "membership.imported"])
    )
    assert sorted(world.rows(noted.group_by(AuditEntry.action))) == [
        ("import.applied", 1),
        ("membership.imported", KNOWN),
    ]
    assert world.one(select(Organization.members_count).where(Organization.id == team.id)) == KNOWN
    assert world.do(lambda: in_transaction(lambda: recount(mends=False))) == []
