"""wechatpy's documented echo (its examples/echo and examples/echo_encrypt), on Flask."""

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

from bench.peers.account import AES_KEY, APP_ID, PATH, TOKEN

application = Flask(__name__)


@application.route(PATH, methods=["GET", "POST"])
def wechat() -> str:
    signature, timestamp, nonce = (request.args.get(name, "") for name in ("signature", "timestamp", "nonce"))
    try:
        check_signature(TOKEN, signature, timestamp, nonce)
    except InvalidSignatureException:
        abort(403)
    if request.method == "GET":
        return request.args.get("echostr", "")
    if request.args.get("encrypt_type", "raw") == "raw":
        return _reply(request.data)
    crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    try:
        clear = crypto.decrypt_message(request.data, request.args.get("msg_signature", ""), timestamp, nonce)
    except (InvalidSignatureException, InvalidAppIdException):
        abort(403)
    return crypto.encrypt_message(_reply(clear), nonce, timestamp)  # type: ignore[no-any-return]


def _reply(body: bytes) -> str:
    message = parse_message(body)
    words = message.content if message.type == "text" else "Sorry, can not handle this for now"
    return create_reply(words, message).render()  # type: ignore[no-any-return]
