"""Codes by Alibaba Cloud. The template has one field, ${code}. Needs requirements/aliyun.txt."""

import json
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

    def send_code(self, phone: str, purpose: str, code: str) -> None:
        request = SendSmsRequest(
            phone_numbers=phone,
            sign_name=self._settings.sign_name,
            template_code=self._settings.template_for(purpose),
            template_param=json.dumps({"code": code}),
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
