"""One token for all processes, fetched by one, renewed in time, and never asked for without end."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as Gone
from werkzeug.wrappers import Response

from app import redis
from app.config import ROOT, RedisServer
from app.wechat.gateway import OperatorMustAct, RetryLater

TOKEN, SEND, MENU = "/cgi-bin/stable_token", "/cgi-bin/message/custom/send", "/cgi-bin/menu/get"

ONE_PROCESS = """
import os, sys
from app import redis
from app.clock import SystemClock
from app.config import RedisServer
from app.wechat.client import Account
from tests.conftest import make_settings
store = redis.connect(RedisServer(url=sys.argv[1]))
account = Account(make_settings(wechat={"api_url": sys.argv[2]}).wechat, store, SystemClock())
print("ready", flush=True)
sys.stdin.readline()
account.send_text("oSomebody", "hello")
"""


class GoneRedis:
    def __getattr__(self, name):
        raise Gone("gone")


def test_eight_processes_on_an_empty_cache_ask_once(redis_server, wechat):
    from_scratch(redis_server)
    command = [sys.executable, "-c", ONE_PROCESS, redis_server, wechat.url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(8)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert wechat.count(TOKEN) == 1
    assert wechat.count(SEND) == 8


def from_scratch(url: str) -> None:
    redis.connect(RedisServer(url=url)).flushdb()


def test_a_token_is_kept_and_renewed_before_its_end(account, wechat, time):
    for _ in range(5):
        account.send_text("oSomebody", "x")
    assert wechat.count(TOKEN) == 1
    time.advance(timedelta(seconds=7200 - 301))
    account.send_text("oSomebody", "x")
    assert wechat.count(TOKEN) == 1
    time.advance(timedelta(seconds=2))
    account.send_text("oSomebody", "x")
    assert wechat.count(TOKEN) == 2


def test_a_stale_token_heals_with_one_refresh(account, wechat):
    wechat.answers[SEND] = only_with("token-2")
    account.send_text("oSomebody", "x")
    account.send_text("oSomebody", "x")
    assert (wechat.count(TOKEN), wechat.count(SEND)) == (2, 3)


def only_with(token: str):
    def answer(request):
        good = request.args.get("access_token") == token
        said = {"errcode": 0, "errmsg": "ok"} if good else {"errcode": 40001, "errmsg": "invalid credential"}
        return Response(json.dumps(said))

    return answer


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_refused_for_ever_costs_two_tokens_and_two_calls(account, wechat, errcode):
    wechat.answers[SEND] = {"errcode": errcode, "errmsg": "invalid credential rid: 11-22-33"}
    with pytest.raises(OperatorMustAct, match="another program"):
        account.send_text("oSomebody", "x")
    assert wechat.count(TOKEN) <= 2
    assert wechat.count(SEND) <= 2


def test_many_threads_with_a_stale_token_cause_one_refresh(account, wechat):
    wechat.answers[SEND] = only_with("token-2")
    account.live_menu()
    begin = threading.Barrier(6)

    def send(_):
        begin.wait()
        account.send_text("oSomebody", "x")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(6)))
    assert wechat.count(TOKEN) == 2


def test_a_wrong_secret_is_said_plainly_and_soon_not_asked_any_more(account, wechat):
    wechat.answers[TOKEN] = {"errcode": 40001, "errmsg": "invalid credential, rid: 1-2-3"}
    for _ in range(5):
        with pytest.raises(OperatorMustAct, match="app_secret"):
            account.send_text("oSomebody", "x")
    with pytest.raises(OperatorMustAct, match="app_secret"):
        account.send_text("oSomebody", "x")
    assert wechat.count(TOKEN) == 5


def test_the_address_to_white_list_is_named(account, wechat):
    wechat.answers[TOKEN] = {
        "errcode": 40164,
        "errmsg": "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
    }
    with pytest.raises(OperatorMustAct, match=r"203\.0\.113\.7.*IP白名单"):
        account.check_token()


def test_without_redis_a_process_keeps_its_own_token(wechat, another):
    account = another(GoneRedis())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: account.send_text("oSomebody", "x"), range(16)))
    assert wechat.count(TOKEN) == 1
    assert wechat.count(SEND) == 16


@pytest.mark.parametrize("has_redis", [True, False])
def test_while_nobody_asks_for_tokens_it_is_still_said_what_the_operator_must_do(account, another, wechat, has_redis):
    """The site's pages have used up the five tries; then somebody types `flask menu push`."""
    asking = account if has_redis else another(GoneRedis())
    wechat.answers[TOKEN] = {"errcode": 40125, "errmsg": "invalid appsecret"}
    for _ in range(5):
        with pytest.raises(OperatorMustAct):
            asking.live_menu()
    with pytest.raises(OperatorMustAct, match=r"check wechat\.app_secret; asked again within 60 s"):
        asking.live_menu()
    assert wechat.count(TOKEN) == 5


def test_a_busy_wechat_after_a_wrong_secret_is_called_busy(account, wechat):
    for errcode in (40125, 40125, -1, -1, -1):
        wechat.answers[TOKEN] = {"errcode": errcode, "errmsg": "no"}
        with pytest.raises((OperatorMustAct, RetryLater)):
            account.live_menu()
    with pytest.raises(RetryLater, match="5 times in a row"):
        account.live_menu()
