"""The API through an SDK of another language."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
APP_ID, SECRET = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef"


def node() -> str | None:
    """The system's node, or the one that set-up brought."""
    return shutil.which("node", path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ.get('PATH', '')}")


@pytest.mark.skipif(
    not (ROOT / "node_modules/co-wechat-api").is_dir(), reason="co-wechat-api: NPM_WITH_DEV=1 scripts/build_assets.sh"
)
def test_co_wechat_api_does_its_work(sandbox):
    sandbox.do("chen", "follow")
    openid = sandbox.person("chen")["openid"]
    environ = {**os.environ, "MODULES": str(ROOT / "package.json"), "NO_PROXY": "*", "no_proxy": "*"}
    command = [node() or "node", str(HERE / "other_sdk.mjs"), sandbox.url, APP_ID, SECRET, openid]
    done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.pop("conditional").isdigit()
    assert result == {
        "token": True,
        "created": 0,
        "menu": ["活动", "更多"],
        "config": 1,
        "user": 1,
        "batch": 1,
        "followers": [openid],
        "tags": [["志愿者", 1]],
        "tagged": 1,
        "members": 1,
        "matched": "发布",
        "picture": "image/png",
        "ticket": True,
        "text": 0,
        "removed": 0,
        "refusal": 46003,
    }
    assert sandbox.chat("chen")[-1]["text"] == "来自另一个 SDK"
