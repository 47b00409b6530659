"""Messages by a plain POST: to the sandbox's inbox, or to an operator's own gateway."""

from collections.abc import Mapping

import structlog

from app import late
from app.sms.provider import ANSWER_SECONDS, CONNECT_SECONDS, SmsFailed, SmsOutcomeUnknown, code_text, never_left

log = structlog.get_logger()

#: Something between us and the provider, or a fault inside it: it may have sent the message before.
UNCLEAR = (500, 502, 504)


class HttpProvider:
    """POSTs {"phone", "purpose", "code", "text"} as JSON; any answer but 2xx means that it was not taken.

    What is no code has an empty one.
    """

    def __init__(self, url: str, *, through_proxy: bool = True) -> None:
        self._url = url
        self._through_proxy = through_proxy

    def send_code(self, phone: str, purpose: str, code: str, about: str = "") -> None:
        self._send(phone, purpose, code, code_text(code, purpose, about))

    def carries(self, purpose: str) -> bool:
        return True

    def send_text(self, phone: str, purpose: str, text: str, fields: Mapping[str, str]) -> None:
        self._send(phone, purpose, "", text)

    def _send(self, phone: str, purpose: str, code: str, text: str) -> None:
        body = {"phone": phone, "purpose": purpose, "code": code, "text": text}
        try:
            status = self._post(body)
        except late.requests.RequestException as error:
            # Not chained: its text may hold what was sent.
            log.warning("sms_failed", provider="http", reason=type(error).__name__)
            raise (SmsFailed if never_left(error) else SmsOutcomeUnknown) from None
        if not 200 <= status < 300:
            log.warning("sms_failed", provider="http", status_code=status)
            raise SmsOutcomeUnknown if status in UNCLEAR else SmsFailed

    def _post(self, body: dict[str, str]) -> int:
        with late.requests.Session() as session:
            session.trust_env = self._through_proxy
            # A redirect would hand phone and code to somebody else. The answer's body is not read: it says nothing
            # that we need, and could be endless.
            answer = session.post(
                self._url,
                json=body,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,
                stream=True,
            )
            answer.close()
            return answer.status_code
