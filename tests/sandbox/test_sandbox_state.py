"""What survives a restart, what a start refuses, and people."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_everything_is_there_after_a_kill(start_sandbox, tmp_path):
    path = str(tmp_path / "state.json")
    first = start_sandbox(STATE=path)
    made = first.post("/sandbox/people", {"name": "孙莉", "phone": "19900000009"})
    first.do(made["id"], "follow")
    first.do(made["id"], "say", text="你好")
    token = first.stable()["access_token"]
    click = {"type": "click", "name": "活动", "key": "LIST"}
    first.call("/cgi-bin/menu/create", {"button": [click]}, token)
    first.call("/cgi-bin/tags/create", {"tag": {"name": "志愿者"}}, token)
    png = b"\x89PNG\r\n\x1a\nrest"
    upload = f"{first.url}/cgi-bin/media/upload?type=image&access_token={token}"
    media_id = first.http.post(upload, files={"media": ("a.png", png)}).json()["media_id"]
    first.post("/sandbox/sms", {"phone": "19900000009", "code": "1", "text": "一"})
    first.advance(100)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()

    second = start_sandbox(STATE=path)
    assert second.person(made["id"])["following"] is True
    assert [row["text"] for row in second.chat(made["id"])] == ["你好"]
    assert second.get("/sandbox/menu")["button"][0]["key"] == "LIST"
    assert second.call("/cgi-bin/tags/get", token=token)["tags"][0]["name"] == "志愿者"
    media = second.http.get(f"{second.url}/cgi-bin/media/get?media_id={media_id}&access_token={token}")
    assert media.content == png
    assert second.get("/sandbox/sms", phone="19900000009")[0]["text"] == "一"
    assert 99 <= second.get("/sandbox/clock")["offset"] <= 101


def test_a_reset_leaves_the_four(sandbox):
    sandbox.post("/sandbox/people", {"name": "孙莉", "phone": "19900000009"})
    sandbox.post("/sandbox/reset")
    people = {row["id"]: (row["name"], row["phone"]) for row in sandbox.get("/sandbox/people")}
    assert people == {
        "chen": ("陈晓", "19900000001"),
        "wang": ("王建国", "19900000002"),
        "li": ("李梅", "19900000003"),
        "zhao": ("赵德胜", "19900000004"),
    }


def test_making_a_person_twice_by_id_is_harmless(sandbox):
    wanted = {"id": "sun", "name": "孙莉", "phone": "19900000009"}
    first, second = sandbox.post("/sandbox/people", wanted), sandbox.post("/sandbox/people", wanted)
    assert first["openid"] == second["openid"]
    assert len(first["openid"]) == 28
    assert "error" in sandbox.post("/sandbox/people", {"name": "", "phone": "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", "0.0.0.0"),
        ("PORT", "x"),
        ("MODE", "loud"),
        ("AES_KEY", "short"),
        ("TOKEN", "no spaces"),
        ("SITE_URL", "nowhere"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(name, value):
    environ = {**os.environ, "SANDBOX_PORT": "0", f"SANDBOX_{name}": value}
    done = subprocess.run(
        [sys.executable, "-m", "sandbox"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert f"SANDBOX_{name}" in done.stderr
