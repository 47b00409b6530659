"""Pushes as WeChat makes them, as whole HTTP requests. The cryptography is wechatpy's, not the product's."""

import hashlib
import time
from collections.abc import Iterator
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from wechatpy.crypto import WeChatCrypto

from bench.peers.account import ACCOUNT, AES_KEY, APP_ID, PATH, TOKEN

crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)


def text(number: int, content: str = "活动") -> str:
    """What a person says; answered from files alone."""
    return _xml(number, f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>", message=True)


def event(number: int, name: str) -> str:
    inside = f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event><EventKey><![CDATA[]]></EventKey>"
    return _xml(number, inside, message=False)


def _xml(number: int, inside: str, *, message: bool) -> str:
    openid = f"oMadeUp_{number % 1_000_000_007:020d}"
    identity = f"<MsgId>{6_000_000_000 + number}</MsgId>" if message else ""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{1_795_000_000 + number % 1_000_000}</CreateTime>{inside}{identity}</xml>"
    )


def request(xml: str, mode: str, number: int, *, forged: bool = False) -> bytes:
    stamp = {"timestamp": str(int(time.time())), "nonce": str(100_000 + number)}
    query = {"signature": sign(TOKEN, *stamp.values()), **stamp, "openid": "oMadeUp"}
    body = xml
    if mode == "safe":
        body = crypto.encrypt_message(xml, stamp["nonce"], stamp["timestamp"])
        envelope = ET.fromstring(body)
        encrypted = envelope.findtext("Encrypt") or ""
        query |= {"encrypt_type": "aes", "msg_signature": envelope.findtext("MsgSignature") or ""}
        body = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    if forged:
        query |= {name: "0" * 40 for name in query if name.endswith("signature")}
    return post(f"{PATH}?{urlencode(query)}", body.encode(), "Content-Type: text/xml\r\n")


def post(path: str, body: bytes, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def read(body: bytes) -> dict[str, str]:
    """The fields of an answer in clear, whichever mode it is in."""
    fields = {node.tag: node.text or "" for node in ET.fromstring(body).iter()}
    if "Encrypt" not in fields:
        return fields
    clear = crypto.decrypt_message(body, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"])
    return {node.tag: node.text or "" for node in ET.fromstring(clear).iter()}


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def numbers() -> Iterator[int]:
    """Numbers that no earlier run has given either: a push that was seen before would be a repeat."""
    number = time.time_ns() // 1000
    while True:
        number += 1
        yield number


fresh = numbers()


def many(kind: str, mode: str, count: int) -> list[bytes]:
    """`text` without effect, `claim` claimed with no effect, `subscribe` claimed with its effect."""
    name = {"claim": "scancode_waitmsg", "subscribe": "subscribe"}.get(kind, "")
    taken = [next(fresh) for _ in range(count)]
    return [request(event(number, name) if name else text(number), mode, number) for number in taken]
