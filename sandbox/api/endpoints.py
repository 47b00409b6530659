"""The one table of what is served: path, method, who answers, how often a day, and whether it needs a token."""

from dataclasses import dataclass

from sandbox.api import maintenance, media, menu, messages, oauth, qr_codes, tags, tokens, users
from sandbox.api.call import Handler


@dataclass(frozen=True)
class Endpoint:
    """`daily` is the limit of a new account; `writes` False: nothing to keep afterwards."""

    path: str
    method: str
    answer: Handler
    daily: int = 100_000
    token: bool = True
    writes: bool = True


ENDPOINTS = (
    Endpoint("/cgi-bin/token", "GET", tokens.plain_token, 2000, token=False),
    Endpoint("/cgi-bin/stable_token", "POST", tokens.stable_token, 500_000, token=False),
    Endpoint("/cgi-bin/clear_quota", "POST", maintenance.clear_quota),
    Endpoint("/cgi-bin/clear_quota/v2", "POST", maintenance.clear_quota_v2, token=False),
    Endpoint("/cgi-bin/openapi/quota/get", "POST", maintenance.quota, 1_000_000, writes=False),
    Endpoint("/cgi-bin/openapi/rid/get", "POST", maintenance.rid, writes=False),
    Endpoint("/cgi-bin/getcallbackip", "GET", maintenance.callback_ips, writes=False),
    Endpoint("/cgi-bin/get_api_domain_ip", "GET", maintenance.api_ips, writes=False),
    Endpoint("/cgi-bin/callback/check", "POST", maintenance.callback_check, writes=False),
    Endpoint("/cgi-bin/menu/create", "POST", menu.create, 1000),
    Endpoint("/cgi-bin/menu/get", "GET", menu.get, 10_000, writes=False),
    Endpoint("/cgi-bin/menu/delete", "GET", menu.delete, 1000),
    Endpoint("/cgi-bin/menu/addconditional", "POST", menu.add_conditional, 2000),
    Endpoint("/cgi-bin/menu/delconditional", "POST", menu.delete_conditional, 2000),
    Endpoint("/cgi-bin/menu/trymatch", "POST", menu.try_match, 20_000, writes=False),
    Endpoint("/cgi-bin/get_current_selfmenu_info", "GET", menu.current, 10_000, writes=False),
    Endpoint("/cgi-bin/user/info", "GET", users.info, 5_000_000, writes=False),
    Endpoint("/cgi-bin/user/info/batchget", "POST", users.batch_info, 5_000_000, writes=False),
    Endpoint("/cgi-bin/user/info/updateremark", "POST", users.update_remark, 10_000),
    Endpoint("/cgi-bin/user/get", "GET", users.followers, 500, writes=False),
    Endpoint("/cgi-bin/user/tag/get", "POST", tags.members, writes=False),
    Endpoint("/cgi-bin/tags/create", "POST", tags.create),
    Endpoint("/cgi-bin/tags/get", "GET", tags.get, writes=False),
    Endpoint("/cgi-bin/tags/update", "POST", tags.update),
    Endpoint("/cgi-bin/tags/delete", "POST", tags.delete),
    Endpoint("/cgi-bin/tags/members/batchtagging", "POST", tags.batch_tag),
    Endpoint("/cgi-bin/tags/members/batchuntagging", "POST", tags.batch_untag),
    Endpoint("/cgi-bin/tags/getidlist", "POST", tags.of_person, writes=False),
    Endpoint("/cgi-bin/qrcode/create", "POST", qr_codes.create),
    Endpoint("/cgi-bin/showqrcode", "GET", qr_codes.show, 100_000_000, token=False, writes=False),
    Endpoint("/cgi-bin/ticket/getticket", "GET", qr_codes.js_ticket, 1_000_000),
    Endpoint("/cgi-bin/shorten/gen", "POST", qr_codes.shorten),
    Endpoint("/cgi-bin/shorten/fetch", "POST", qr_codes.fetch_short, writes=False),
    Endpoint("/cgi-bin/media/upload", "POST", media.upload),
    Endpoint("/cgi-bin/media/get", "GET", media.get, 200_000, writes=False),
    Endpoint("/cgi-bin/media/uploadimg", "POST", media.upload_image),
    Endpoint("/cgi-bin/message/custom/send", "POST", messages.custom_send, 500_000),
    Endpoint("/cgi-bin/message/custom/typing", "POST", messages.typing, 500_000, writes=False),
    Endpoint("/cgi-bin/message/template/send", "POST", messages.template_send),
    Endpoint("/cgi-bin/message/subscribe/bizsend", "POST", messages.subscribe_send),
    Endpoint("/cgi-bin/template/get_all_private_template", "GET", messages.list_templates, writes=False),
    Endpoint("/wxaapi/newtmpl/gettemplate", "GET", messages.list_subscriptions, writes=False),
    Endpoint("/sns/oauth2/access_token", "GET", oauth.exchange, 0, token=False),
    Endpoint("/sns/oauth2/refresh_token", "GET", oauth.refresh, 0, token=False),
    Endpoint("/sns/userinfo", "GET", oauth.userinfo, 0, token=False, writes=False),
    Endpoint("/sns/auth", "GET", oauth.check, 0, token=False, writes=False),
)
BY_PATH = {endpoint.path: endpoint for endpoint in ENDPOINTS}
# 0 means that no daily limit is stated.
DAILY_LIMITS = {endpoint.path: endpoint.daily for endpoint in ENDPOINTS if endpoint.daily}
