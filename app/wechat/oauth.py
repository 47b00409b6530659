"""The address that silent web authorization begins at (WeChat contract 5.1)."""

from urllib.parse import quote

from app.config import Config


def authorize_url(config: Config, state: str) -> str:
    """WeChat matches this address by pattern: the order and the fragment are part of it."""
    redirect = quote(f"{config.site.public_url}/wechat/oauth", safe="")
    return (
        f"{config.wechat.oauth_url}/connect/oauth2/authorize?appid={quote(config.wechat.app_id, safe='')}"
        f"&redirect_uri={redirect}&response_type=code&scope=snsapi_base&state={quote(state, safe='')}#wechat_redirect"
    )
