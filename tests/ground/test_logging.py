import json
import logging
import string

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError

from app import logging as product_logging
from app.logging import hide_private

PHONE = "13800000001"
ID_NUMBER = "210202199001010019"
OPENID = "oMadeUp_0123456789-abcdefghi"
SECRET = "made-up-secret-in-the-log"


@pytest.fixture
def lines(capsys):
    """What reached the log so far, as one text."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    product_logging.init(as_json=True)
    yield lambda: capsys.readouterr().err
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def clean(text):
    return not any(marker in text for marker in (PHONE, ID_NUMBER, OPENID, SECRET))


@pytest.mark.parametrize(
    "key", ["phone", "leader_phone", "id_number", "name", "leader_name", "code", "sms_code", "token", "access_token",
            "openid", "app_secret", "cookie", "query", "query_string", "password", "content"]
)  # fmt: skip
def test_a_private_key_hides_whatever_it_holds(lines, key):
    structlog.get_logger().info("something_happened", **{key: SECRET})
    assert clean(lines())


@pytest.mark.parametrize("marker", [PHONE, f"+86{PHONE}", f"0086{PHONE}", ID_NUMBER, ID_NUMBER[:-1] + "X", OPENID])
@pytest.mark.parametrize("frame", ["{}", "call {}, please", "/path/{}/more", "电话{}。", "a={}&b=1", '{{"x":"{}"}}'])
def test_a_private_value_is_hidden_under_any_key(lines, marker, frame):
    text = frame.format(marker)
    log = structlog.get_logger()
    log.info("something_happened", value=text)
    log.info(text)
    log.info("nested", value={"inside": [text, {"deeper": (text,)}], text: 1})
    log.info("raised", value=ValueError(text), kind=text.encode())
    said = lines()
    assert said.count("\n") == 4
    assert marker.removeprefix("+86").removeprefix("0086") not in said


def test_numbers_and_nested_private_keys_are_hidden(lines):
    structlog.get_logger().info(
        "something_happened", value=int(PHONE), form={"phone": SECRET, "deep": {"code": SECRET}}
    )
    assert clean(lines())


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.example.org/x?access_token={SECRET}&y=1",
        f"GET /wechat/oauth?code={SECRET}&state=1",
        f"appid=wx1&secret={SECRET}",
        f'{{"access_token": "{SECRET}", "expires_in": 7200}}',
        f"{{'ticket': '{SECRET}'}}",
    ],
)
def test_what_opens_doors_is_hidden_inside_texts(lines, text):
    structlog.get_logger().info("something_happened", value=text)
    assert clean(lines())


def test_a_failure_is_logged_without_what_it_was_about(lines):
    try:
        raise ValueError(f"no account for {PHONE} at ?access_token={SECRET}")
    except ValueError:
        structlog.get_logger().exception("something_failed")
    said = lines()
    assert clean(said)
    assert "ValueError" in said


def test_libraries_pass_the_same_filter(lines):
    library = logging.getLogger("another_package")
    library.warning("calling %s for %s", f"http://x/?access_token={SECRET}", PHONE)
    try:
        raise ValueError(PHONE)
    except ValueError:
        library.exception("failed")
    said = lines()
    assert "calling" in said
    assert clean(said)


def test_what_an_operator_needs_stays(lines):
    structlog.get_logger().info("call_failed", errcode=40001, status_code=500, attempt=2, region_code="210200", ok=True)
    entry = json.loads(lines())
    assert entry["event"] == "call_failed"
    assert (entry["errcode"], entry["status_code"], entry["attempt"], entry["ok"]) == (40001, 500, 2, True)


@given(st.text(alphabet=string.ascii_letters + string.digits + "_-", min_size=27, max_size=27))
def test_every_openid_is_hidden(rest):
    entry = hide_private(None, "info", {"event": "x", "value": f"to o{rest}", "other": f"(o{rest})"})
    assert f"o{rest}" not in repr(entry)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_every_mobile_number_is_hidden(phone):
    assert phone not in repr(hide_private(None, "info", {"event": phone, "value": f"tel:{phone}", "n": int(phone)}))


def test_a_queue_without_redis_says_one_line_without_a_traceback(lines):
    for _ in range(5):
        try:
            raise RedisConnectionError("refused")
        except RedisConnectionError:
            logging.getLogger("huey.consumer.Worker").exception("Error reading from queue")
    (line,) = lines().splitlines()
    assert "Error reading from queue: ConnectionError" in line
    assert "Traceback" not in line
