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


def nonce() -> str:
    """The number that this page's scripts carry; others do not run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def init_app(app: Flask, config: Config) -> None:
    # WeChat's own script (and the pictures it loads) may come from its host; the sandbox's phone may frame our pages.
    frames = _sandbox_origins(config) if config.wechat.is_sandbox else "'none'"

    @app.after_request
    def _add(response: Response) -> Response:
        policy = (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce()}'; style-src 'self'; img-src 'self' data:; "
            f"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
            f"frame-ancestors {frames}"
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.update(EVERYWHERE)
        if config.site.is_https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    app.jinja_env.globals["csp_nonce"] = nonce


def _sandbox_origins(config: Config) -> str:
    """The phone may be opened under either name of this machine."""
    origin = config.wechat.api_url
    return " ".join(
        dict.fromkeys([origin, origin.replace("127.0.0.1", "localhost"), origin.replace("localhost", "127.0.0.1")])
    )
