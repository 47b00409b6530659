"""Headers on every answer, errors too."""

import secrets

from flask import Flask, Response, g, request

from app.config import Config

#: Also of files, and of what is refused before any page looks at it.
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def nonce() -> str:
    """The number that this page's scripts carry; others do not run."""
    if "nonce" not in g:
        g.nonce = new_nonce()
    return str(g.nonce)


def of_page(config: Config, page_nonce: str) -> dict[str, str]:
    """What an answer has that is not a file."""
    # WeChat's own script (and the pictures it loads) may come from its host; the sandbox's phone may frame our pages.
    frames = _sandbox_origins(config) if config.wechat.is_sandbox else "'none'"
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{page_nonce}'; style-src 'self'; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
        f"frame-ancestors {frames}"
    )
    transport = {"Strict-Transport-Security": "max-age=31536000"} if config.site.is_https else {}
    return {**EVERYWHERE, **transport, "Content-Security-Policy": policy, "Cache-Control": "no-store"}


def init_app(app: Flask, config: Config) -> None:
    @app.after_request
    def _add(response: Response) -> Response:
        # What a view has said of its own stands.
        own = {"Content-Security-Policy", "Cache-Control"} & set(response.headers.keys())
        if request.path.startswith("/static/"):
            own.add("Cache-Control")
        response.headers.update({k: v for k, v in of_page(config, nonce()).items() if k not in own})
        return response

    app.jinja_env.globals["csp_nonce"] = nonce


def _sandbox_origins(config: Config) -> str:
    """The phone may be opened under either name of this machine."""
    origin = config.wechat.api_url
    return " ".join(
        dict.fromkeys([origin, origin.replace("127.0.0.1", "localhost"), origin.replace("localhost", "127.0.0.1")])
    )
