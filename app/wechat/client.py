"""Calls to WeChat, on wechatpy's client with its faults mended (WeChat contract, section 11).

Its API classes build the requests; how a request is sent, answered and repeated is ours: time-outs on every call, one
refresh of a refused token at most, no blind repeat of anything, no secret in a log or an error.
"""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from wechatpy import WeChatClient
from wechatpy.session import SessionStorage

from app.clock import Clock
from app.config import WeChat
from app.redis import Redis
from app.wechat.errcodes import NO_MENU, TOKEN_REFUSED, TOKENS_WORTHLESS, error_for
from app.wechat.gateway import Menu, OperatorMustAct, OutcomeUnknown, Refused, RetryLater, Visitor, WeChatError
from app.wechat.token import SharedLease

#: Seconds to connect, to wait for the next bytes, and for a whole answer; bytes that an answer may have.
CONNECT, READ, WHOLE = 3.0, 5.0, 8.0
LONGEST_ANSWER = 1_000_000
#: What a gateway answers that passed the call on and got no answer that it could use: the call may have had its effect.
#: Others (429 and 503 above all) turned the call away.
OPEN_QUESTIONS = {500, 502, 504}
#: No token or ticket is good for longer, in seconds.
LONGEST_LEASE = 7200


class _NoStorage(SessionStorage):
    """wechatpy would keep tokens itself, without lock or margin; ours are kept in token.py."""

    def get(self, key: str, default: Any = None) -> Any:
        return default

    def set(self, key: str, value: Any, ttl: int | None = None) -> None: ...

    def delete(self, key: str) -> None: ...


class Transport:
    """One HTTP exchange with WeChat."""

    def __init__(self, base: str) -> None:
        self._base = base
        #: WeChat's clock, as its last answer told it.
        self.their_time: datetime | None = None
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment must not see secrets in addresses

    def call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """The answer as JSON; WeChat's own errors are in it. Raises RetryLater, OutcomeUnknown."""
        url = self._base + path
        ends = time.monotonic() + CONNECT + WHOLE
        try:
            with self._http.request(
                method, url, timeout=(CONNECT, READ), allow_redirects=False, stream=True, **arguments
            ) as answer:
                body = _body(answer, ends)
        except requests.ConnectTimeout:
            raise RetryLater("WeChat cannot be reached") from None
        except requests.exceptions.SSLError:
            # Nothing is sent before the handshake is done.
            raise RetryLater("no safe connection to WeChat: check the clock, the certificates and api_url") from None
        except requests.ConnectionError as error:
            # A refused connection did nothing; one that broke after the request may have.
            if "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error):
                raise RetryLater("WeChat cannot be reached") from None
            raise OutcomeUnknown("WeChat broke the connection before it answered") from None
        except (requests.RequestException, OSError):
            raise OutcomeUnknown("WeChat did not answer in time") from None
        except Exception as error:
            if type(error).__module__.startswith("urllib3"):
                raise OutcomeUnknown("WeChat's answer broke off") from None
            raise
        self.their_time = moment(answer.headers.get("Date"))
        if answer.status_code != 200 and answer.status_code not in OPEN_QUESTIONS:
            raise RetryLater(f"WeChat answered with status {answer.status_code}")
        if answer.status_code != 200 or len(body) > LONGEST_ANSWER:
            raise OutcomeUnknown(f"a gateway answered in WeChat's place, with status {answer.status_code}")
        return _parsed(body)


def _body(answer: requests.Response, ends: float) -> bytes:
    """The answer's bytes. READ is the wait for the next ones only, so one that drips is cut here."""
    body = b""
    while len(body) <= LONGEST_ANSWER and (part := answer.raw.read1(65536, decode_content=True)):
        body += part
        if time.monotonic() > ends:
            raise OutcomeUnknown("WeChat did not answer in time")
    return body


def _parsed(body: bytes) -> dict[str, Any]:
    """An answer of WeChat's: an object, with a whole number as errcode if any.

    Raises OutcomeUnknown for anything else: whoever answered, WeChat may have got the call all the same.
    """
    try:
        answer = json.loads(body, strict=False)  # WeChat lets line ends into texts
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not answer or type(answer.get("errcode", 0)) is not int:
        raise OutcomeUnknown("WeChat answered something that is not its own")
    return answer


def moment(date: str | None) -> datetime | None:
    """What a Date header says, if it says anything."""
    try:
        told = parsedate_to_datetime(date) if date else None
    except (ValueError, OverflowError):
        return None
    return told.replace(tzinfo=told.tzinfo or UTC) if told else None


def _lease(answer: Mapping[str, Any], name: str, *secrets: str) -> tuple[str, int]:
    """The token or ticket of an answer, and for how many seconds it is good. Raises WeChatError."""
    value, seconds = answer.get(name), answer.get("expires_in", LONGEST_LEASE)
    if answer.get("errcode"):
        raise _error(answer, *secrets, at_token=True)
    if not isinstance(value, str) or not value or type(seconds) is not int or seconds <= 0:
        raise RetryLater(f"WeChat answered without a {name} that can be used")
    return value, min(seconds, LONGEST_LEASE)


def _error(answer: Mapping[str, Any], *secrets: str, at_token: bool = False) -> WeChatError:
    """The error of an answer, in one line; what WeChat says is not trusted to keep our secrets."""
    told = " ".join(str(answer.get("errmsg", "")).split())
    for secret in secrets:
        told = told.replace(secret, "[hidden]") if secret else told
    return error_for(answer.get("errcode") or -1, told, at_token=at_token)


class _Client(WeChatClient):
    """wechatpy's API methods over our transport."""

    def __init__(self, settings: WeChat, transport: Transport, token: SharedLease) -> None:
        super().__init__(settings.app_id, settings.app_secret, session=_NoStorage(), auto_retry=False)
        self._transport, self._token = transport, token

    @property
    def access_token(self) -> str:
        return self._token.get()

    def _request(self, method: str, url_or_endpoint: str, **arguments: Any) -> Any:
        path = url_or_endpoint.removeprefix("https://api.weixin.qq.com")
        if not path.startswith("/"):
            path = "/cgi-bin/" + path
        arguments.pop("api_base_url", None)
        process = arguments.pop("result_processor", None)
        if isinstance(arguments.get("data"), dict):
            # WeChat refuses \u escapes (40033), and expects to be told that it is JSON.
            arguments["data"] = json.dumps(arguments["data"], ensure_ascii=False).encode()
            arguments["headers"] = {"Content-Type": "application/json; charset=utf-8"}
        params = dict(arguments.pop("params", None) or {})
        params.pop("access_token", None)
        answer = self._call(method, path, params, arguments)
        return process(answer) if process else answer

    def _call(self, method: str, path: str, params: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
        token = self._token.get()
        answer = self._transport.call(method, path, params={**params, "access_token": token}, **arguments)
        if answer.get("errcode") in TOKEN_REFUSED:
            # Refused before anything was done, so the one repeat is safe, also of a send.
            token = self._token.get(refused=token)
            answer = self._transport.call(method, path, params={**params, "access_token": token}, **arguments)
            if answer.get("errcode") in TOKEN_REFUSED:
                raise OperatorMustAct(TOKENS_WORTHLESS, errcode=answer["errcode"])
        if answer.get("errcode"):
            raise _error(answer, token)
        return answer


class Account:
    """The gateway's OfficialAccount, for real."""

    def __init__(self, settings: WeChat, redis: Redis, clock: Clock) -> None:
        self._settings = settings
        self._transport = Transport(settings.api_url)
        self._token = SharedLease(f"token:{settings.app_id}", redis, clock, self._fetch_token)
        self._ticket = SharedLease(f"ticket:{settings.app_id}", redis, clock, self._fetch_ticket)
        self._client = _Client(settings, self._transport, self._token)

    def _fetch_token(self, force: bool) -> tuple[str, int]:
        asked = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "force_refresh": force,
        }
        answer = self._transport.call("POST", "/cgi-bin/stable_token", json=asked)
        return _lease(answer, "access_token", self._settings.app_secret)

    def _fetch_ticket(self, force: bool) -> tuple[str, int]:
        return _lease(self._client.jsapi.get_ticket("jsapi"), "ticket")

    def check_token(self) -> datetime | None:
        self._fetch_token(False)
        return self._transport.their_time

    def identify(self, code: str) -> Visitor:
        params = {
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        answer = self._transport.call("GET", "/sns/oauth2/access_token", params=params)
        if answer.get("errcode") or not answer.get("openid"):
            raise _error(answer, code, self._settings.app_secret, at_token=True)
        return Visitor(str(answer["openid"]), is_virtual=bool(answer.get("is_snapshotuser")))

    def send_text(self, openid: str, text: str) -> None:
        self._client.message.send_text(openid, text)

    def send_template(self, openid: str, template: str, values: Mapping[str, str], *, url: str, key: str) -> None:
        data = {
            "touser": openid,
            "template_id": template,
            "url": url,
            "client_msg_id": key,
            "data": {name: {"value": value} for name, value in values.items()},
        }
        self._client.post("message/template/send", data=data)

    def jsapi_ticket(self, now: datetime) -> str:
        return self._ticket.get()

    def scene_code(self, scene: str, seconds: int) -> str:
        asked = {
            "expire_seconds": seconds,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": scene}},
        }
        url = self._client.qrcode.create(asked).get("url")
        if not isinstance(url, str) or not url:
            raise RetryLater("WeChat answered without a code")
        return url

    def live_menu(self) -> tuple[Menu | None, list[Menu]]:
        try:
            answer = self._client.get("menu/get")
        except OutcomeUnknown as error:
            raise RetryLater(error.reason) from None
        except Refused as error:
            if error.errcode == NO_MENU:
                return None, []
            raise
        default, conditional = answer.get("menu"), answer.get("conditionalmenu", [])
        if not isinstance(default, Mapping | None) or not isinstance(conditional, list):
            raise RetryLater("WeChat answered something that is no menu")
        return default, conditional

    def create_menu(self, menu: Menu) -> None:
        self._client.menu.create(dict(menu))

    def create_conditional_menu(self, menu: Menu) -> str:
        # Without a number the menu is there all the same: the next look at what is live finds it.
        return str(self._client.menu.add_conditional(dict(menu)).get("menuid", ""))

    def delete_conditional_menu(self, menuid: str) -> None:
        self._client.menu.del_conditional(menuid)
