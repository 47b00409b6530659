"""Messages by Alibaba Cloud. The template of codes has one field, ${code}; others have the names of their fields.

Needs requirements/aliyun.txt.
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.models import Config
from darabonba.runtime import RuntimeOptions

from app.config import Sms
from app.sms.provider import ANSWER_SECONDS, CONNECT_SECONDS, SmsFailed, SmsOutcomeUnknown, never_left

log = structlog.get_logger()
HOST = "dysmsapi.aliyuncs.com"


def make(settings: Sms) -> "AliyunProvider":
    return AliyunProvider(settings)


class AliyunProvider:
    def __init__(self, settings: Sms, *, host: str = HOST, protocol: str = "https") -> None:
        self._settings = settings
        self._client = Client(
            Config(
                access_key_id=settings.access_key_id,
                access_key_secret=settings.access_key_secret,
                endpoint=host,
                protocol=protocol,
            )
        )

    def send_code(self, phone: str, purpose: str, code: str, about: str = "") -> None:
        template = self._settings.template_for(purpose)
        has_about = about and template == self._settings.templates.get(purpose)
        self._send(phone, template, {"code": code, "about": about} if has_about else {"code": code})

    def carries(self, purpose: str) -> bool:
        return bool(self._settings.templates.get(purpose))

    def send_text(self, phone: str, purpose: str, text: str, fields: Mapping[str, str]) -> None:
        self._send(phone, self._settings.templates[purpose], fields)

    def _send(self, phone: str, template: str, fields: Mapping[str, str]) -> None:
        request = SendSmsRequest(
            phone_numbers=phone,
            sign_name=self._settings.sign_name,
            template_code=template,
            template_param=json.dumps(dict(fields), ensure_ascii=False),
        )
        # A repeat would be a second message.
        patience = RuntimeOptions(
            autoretry=False, connect_timeout=CONNECT_SECONDS * 1000, read_timeout=ANSWER_SECONDS * 1000
        )
        try:
            answer: Any = self._client.send_sms_with_options(request, patience).body
        except Exception as error:
            # The library raises many kinds, some of `requests`; none of their texts may reach the log.
            log.warning("sms_failed", provider="aliyun", reason=str(getattr(error, "code", type(error).__name__)))
            refused = 400 <= int(getattr(error, "status_code", None) or 0) < 500
            raise (SmsFailed if refused or never_left(error) else SmsOutcomeUnknown) from None
        if answer.code != "OK":
            log.warning("sms_failed", provider="aliyun", reason=answer.code)
            raise SmsFailed
