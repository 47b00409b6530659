import os

import pytest
from pydantic import ValidationError

from app import config, create_app
from app.config import ROOT, ConfigError, load

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
OTHER_KEY = "b29vb29vb29vb29vb29vb29vb29vb29vb29vb29vb28="
INDEX_KEY = "aWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWk="
VALID = {
    "STVS_SITE__PUBLIC_URL": "https://volunteer.example.org",
    "STVS_SITE__SECRET_KEY": "made-up-secret-of-the-tests",
    "STVS_WECHAT__APP_ID": "wx0123456789abcdef",
    "STVS_WECHAT__APP_SECRET": "made-up",
    "STVS_WECHAT__TOKEN": "madeuptoken",
    "STVS_WECHAT__ENCODING_AES_KEY": "a" * 43,
    "STVS_PRIVACY__KEYS": KEY,
    "STVS_PRIVACY__INDEX_KEY": INDEX_KEY,
}
FILE = f"""
[site]
public_url = "https://volunteer.example.org"
secret_key = "made-up-secret-of-the-tests"
[wechat]
app_id = "wx0123456789abcdef"
app_secret = "made-up"
token = "madeuptoken"
mode = "plain"
[privacy]
keys = ["{KEY}"]
index_key = "{INDEX_KEY}"
[limits]
body_bytes = 2048
"""


@pytest.fixture
def environment(monkeypatch):
    """An environment that holds all that is needed, and no file."""
    for name, value in VALID.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.fixture
def file(monkeypatch, tmp_path):
    def write(text):
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("STVS_CONFIG", str(path))

    return write


def refusal():
    with pytest.raises(ConfigError) as told:
        load()
    message = str(told.value)
    assert "\n" not in message
    return message


def test_the_environment_alone_is_enough(environment):
    found = load()
    assert found.site.public_url == "https://volunteer.example.org"
    assert found.database.url.startswith("sqlite:///")
    assert found.redis.url == "memory://"


WRONG = [
    ("SITE__PUBLIC_URL", "volunteer.example.org"),
    ("SITE__PUBLIC_URL", "ftp://volunteer.example.org"),
    ("SITE__PUBLIC_URL", "https://volunteer.example.org/path"),
    ("SITE__PUBLIC_URL", "https://"),
    ("SITE__SECRET_KEY", "short"),
    ("SITE__TIMEZONE", "Europe/Berlin"),
    ("SITE__PROXIES", "-1"),
    ("SITE__PROXIES", "many"),
    ("SITE__REGION", "21020"),
    ("DATABASE__URL", "oracle://x/y"),
    ("DATABASE__URL", ""),
    ("REDIS__URL", "http://127.0.0.1"),
    ("WECHAT__APP_ID", ""),
    ("WECHAT__APP_ID", "wx 1"),
    ("WECHAT__APP_SECRET", ""),
    ("WECHAT__TOKEN", "ab"),
    ("WECHAT__TOKEN", "with-dashes"),
    ("WECHAT__TOKEN", "a" * 33),
    ("WECHAT__MODE", "open"),
    ("WECHAT__ENCODING_AES_KEY", "a" * 42),
    ("WECHAT__ENCODING_AES_KEY", "a" * 42 + "!"),
    ("WECHAT__ENCODING_AES_KEY", ""),
    ("WECHAT__ACCOUNT_ID", "xx"),
    ("WECHAT__MAX_PUSH_AGE", "-1"),
    ("WECHAT__API_URL", "api.weixin.qq.com"),
    ("WECHAT__OAUTH_URL", "javascript:alert(1)"),
    ("WECHAT__VERIFY_FILE", "../secret.txt"),
    ("SMS__PROVIDER", "pigeon"),
    ("SMS__PROVIDER", "aliyun"),
    ("SMS__PROVIDER", "tencent"),
    ("SMS__QUIET_UNTIL", "24:00"),
    ("SMS__QUIET_FROM", "8:00"),
    ("SMS__QUIET_UNTIL", ""),
    ("SMS__QUIET_UNTIL", "22:00"),
    ("SMS__URL", ""),
    ("SMS__URL", "file:///etc/passwd"),
    ("PRIVACY__KEYS", ""),
    ("PRIVACY__KEYS", "not base64!"),
    ("PRIVACY__KEYS", "c2hvcnQ="),
    ("PRIVACY__KEYS", f"{KEY},short"),
    ("PRIVACY__KEYS", f"{KEY},{KEY}"),
    ("PRIVACY__INDEX_KEY", ""),
    ("PRIVACY__INDEX_KEY", "c2hvcnQ="),
    ("PRIVACY__INDEX_KEY", KEY),
    ("PRIVACY__ALGORITHM", "rot13"),
    ("LIMITS__BODY_BYTES", "10"),
    ("LIMITS__BODY_BYTES", "lots"),
    ("ORGANIZATIONS__REVIEW", "everybody"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_named_in_one_line(environment, name, value):
    environment.setenv(f"STVS_{name}", value)
    section, key = name.lower().split("__")
    message = refusal()
    # A rule between two settings names the one to mend.
    lacking = {"aliyun": "access_key_id", "tencent": "access_key_id", "safe": "encoding_aes_key"}.get(value, key)
    assert f"{section}.{lacking}" in message
    assert f"STVS_{section}__{lacking}".upper() in message
    assert "hidden" not in message


@pytest.mark.parametrize("name", sorted(set(VALID) - {"STVS_WECHAT__ENCODING_AES_KEY"}))
def test_a_missing_value_is_named_in_one_line(environment, name):
    environment.delenv(name)
    message = refusal()
    assert name.removeprefix("STVS_").lower().replace("__", ".") in message
    assert name in message


def test_nothing_at_all_is_one_line():
    assert "STVS_SITE__PUBLIC_URL" in refusal()


@pytest.mark.parametrize("name", ["STVS_NOTICES__TEMPLATES", "STVS_NOTICES", "STVS_SITE"])
def test_a_table_given_as_a_word_is_named_and_told_how(environment, name):
    environment.setenv(name, "x")
    assert refusal() == f"{name}: set its keys one by one, as {name}__<KEY>"


def test_a_template_for_a_notice_that_does_not_exist_is_named(environment):
    environment.setenv("STVS_NOTICES__TEMPLATES__NONSENSE", "T")
    with pytest.raises(ConfigError, match=r"notices\.templates\.nonsense"):
        create_app(load())


@pytest.mark.parametrize("name", ["STVS_SITE__COLOUR", "STVS_LIMITS__LUCK", "STVS_NOWHERE__KEY", "STVS_COLOUR"])
def test_an_unknown_variable_is_named(environment, name):
    environment.setenv(name, "blue")
    message = refusal()
    assert name in message or name.removeprefix("STVS_").lower().replace("__", ".") in message


def test_a_refusal_does_not_repeat_a_secret(environment):
    environment.setenv("STVS_PRIVACY__KEYS", "c2VjcmV0LXRoYXQtaXMtdG9vLXNob3J0")
    assert "c2VjcmV0" not in refusal()


def test_keys_are_separated_by_commas(environment):
    environment.setenv("STVS_PRIVACY__KEYS", f"{KEY}, {OTHER_KEY}")
    assert load().privacy.ring == (b"k" * 31 + b"k", b"o" * 32)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///a.db", "sqlite:///a.db"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("mysql://u@h/d", "mysql+pymysql://u@h/d"),
        ("mariadb://u@h/d", "mysql+pymysql://u@h/d"),
    ],
)
def test_a_database_is_named_without_its_driver(environment, given, meant):
    environment.setenv("STVS_DATABASE__URL", given)
    assert load().database.url == meant


def test_a_file_is_read_and_the_environment_wins(file, monkeypatch):
    file(FILE)
    assert load().limits.body_bytes == 2048
    monkeypatch.setenv("STVS_LIMITS__BODY_BYTES", "4096")
    monkeypatch.setenv("STVS_PRIVACY__KEYS", OTHER_KEY)
    found = load()
    assert found.limits.body_bytes == 4096
    assert found.privacy.keys == (OTHER_KEY,)
    assert found.wechat.mode == "plain"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ("[limits]\nbody_bytes = 2048\nluck = 7", "limits.luck"),
        ("[weather]\nsun = true", "weather"),
        ("colour = 1", "colour"),
    ],
)
def test_an_unknown_key_of_the_file_is_named(file, more, named):
    file(more + "\n" + FILE.replace("[limits]\nbody_bytes = 2048", "") if "=" in more.split("\n")[0] else
         FILE.replace("[limits]\nbody_bytes = 2048", "") + more)  # fmt: skip
    assert named in refusal()


@pytest.mark.parametrize("text", ["[site", "site = ", "\x00"])
def test_a_file_that_is_not_toml_is_named(file, text):
    file(text)
    assert "config.toml" in refusal()


def test_a_section_that_is_no_table_is_named(file):
    file("site = 5")
    assert "site" in refusal()


def test_a_file_that_is_not_there_is_named(environment, tmp_path):
    environment.setenv("STVS_CONFIG", str(tmp_path / "nowhere.toml"))
    assert "STVS_CONFIG" in refusal()


def test_an_empty_name_means_no_file(environment):
    environment.setenv("STVS_CONFIG", "")
    assert config.config_file() is None
    assert load()


def test_settings_do_not_change(settings):
    with pytest.raises(ValidationError):
        settings().site.public_url = "https://elsewhere.example.org"


def test_the_tests_have_no_settings_of_the_developer():
    assert {name for name in os.environ if name.startswith("STVS_")} == {"STVS_CONFIG"}
    assert os.environ["STVS_CONFIG"] == ""


def test_the_example_says_every_setting_and_loads(monkeypatch):
    example = ROOT / "config.example.toml"
    text = example.read_text(encoding="utf-8")
    for name, section in config.Config.model_fields.items():
        assert f"[{name}" in text
        for key in section.annotation.model_fields:
            assert key in text, f"{name}.{key}"
    monkeypatch.setenv("STVS_CONFIG", str(example))
    for name, value in VALID.items():
        monkeypatch.setenv(name, value)
    assert load()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("STVS_SITE", "x", "STVS_SITE: set its keys one by one"),
        ("STVS_SITE__PUBLIC_URL", "https://a.b:99999", "site.public_url"),
        ("STVS_SITE__PUBLIC_URL", "https://a.b?x=1", "site.public_url"),
        ("STVS_SITE__PUBLIC_URL", "https://u:p@a.b", "site.public_url"),
        ("STVS_SITE__PUBLIC_URL", "https://a b", "site.public_url"),
        ("STVS_REDIS__URL", "redis://127.0.0.1:port", "redis.url"),
        ("STVS_DATABASE__URL", "postgresql://h:port/x", "database.url"),
        ("STVS_DATABASE__URL", "sqlite://", "database.url"),
    ],
)
def test_addresses_that_cannot_be_are_named(environment, name, value, told):
    environment.setenv(name, value)
    assert told in refusal()
