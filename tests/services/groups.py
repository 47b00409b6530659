"""Which group a test belongs to, how many of each ran, and that on CI none was left out. Hooks for conftest.py."""

import os
from collections import Counter

import pytest

GROUPS = ("sqlite", "postgresql", "mariadb", "redis", "browser")
REAL_REDIS = ("postgresql", "mariadb")
IS_CI = os.environ.get("CI") == "true"

ran: Counter[str] = Counter()
skipped: Counter[str] = Counter()


def backend_of(item: pytest.Item) -> object:
    """The database that a test runs on; pytest's own mark for nothing where none is left."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("backend") if callspec else None


def groups_of(item: pytest.Item) -> set[str]:
    backend = backend_of(item)
    fixtures = set(getattr(item, "fixturenames", ()))
    found = {backend} if backend else set()
    if "redis_server" in fixtures or ("redis_url" in fixtures and backend in REAL_REDIS):
        found.add("redis")
    if item.get_closest_marker("browser") or fixtures & {"product", "page"}:
        found.add("browser")
    return found


def mark(items: list[pytest.Item]) -> None:
    for item in items:
        groups = groups_of(item)
        for group in groups:
            item.add_marker(group)
        if groups & {"postgresql", "mariadb", "redis"}:
            item.add_marker("service")
        if "browser" in groups:
            item.add_marker(pytest.mark.xdist_group("browser"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and not report.skipped:
        count = ran
    elif report.skipped and report.when in ("setup", "call"):
        count = skipped
    else:
        return
    count.update(group for group in GROUPS if group in report.keywords)


def left_out(config: pytest.Config) -> list[str]:
    """What makes a run on CI fail although every test that ran passed."""
    if not IS_CI:
        return []
    faults = [f"{skipped[group]} of group {group} skipped" for group in GROUPS if skipped[group]]
    if is_whole(config):
        faults += [f"none of group {group} ran" for group in GROUPS if not ran[group]]
    return faults


def is_whole(config: pytest.Config) -> bool:
    """Whether the run is of all tests, and not of some that were asked for."""
    asked_for = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return not (asked_for or config.option.keyword or config.option.markexpr or config.option.collectonly)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if not hasattr(session.config, "workerinput") and exitstatus == 0 and left_out(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    terminalreporter.write_line("groups: " + ", ".join(f"{group} {ran[group]}" for group in GROUPS))
    for fault in left_out(config):
        terminalreporter.write_line(f"FAILED: {fault}, which CI does not allow", red=True)
