"""What pages and WeChat ask of us over HTTP, apart from the pushes."""

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.context import here
from app.errors import NotFound
from app.web.guards import machine
from app.wechat import js_sdk

bp = Blueprint("wechat", __name__)


@bp.get("/wechat/js-sdk")
@machine
def js_sdk_signature() -> ResponseReturnValue:
    now = here.clock.now()
    browser = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"], "")
    js_sdk.count(here.redis, browser, request.remote_addr or "")
    page = js_sdk.page_of(here.config.site, request.args.get("url", ""))
    signed = js_sdk.sign(here.wechat.jsapi_ticket(now), page, now)
    return jsonify(appId=here.config.wechat.app_id, **signed)


@bp.get("/MP_verify_<name>.txt")
@machine
def domain_proof(name: str) -> ResponseReturnValue:
    """The file by which WeChat sees that the domain is ours: MP_verify_<text>.txt holds <text>."""
    if here.config.wechat.verify_file != f"MP_verify_{name}.txt":
        raise NotFound
    return Response(name, mimetype="text/plain")
