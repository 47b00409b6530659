"""Messages by Tencent Cloud. The template of codes has one field, {1}; others have theirs in the order of the words.

Needs requirements/tencent.txt.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from app.config import Sms
from app.sms.provider import ANSWER_SECONDS, SmsFailed, SmsOutcomeUnknown, never_left

log = structlog.get_logger()
HOST = "sms.tencentcloudapi.com"
#: Where the API is asked; messages go to the whole country from each region.
REGION = "ap-guangzhou"
#: Codes that are no word of the API itself, or that say that it broke: it may have sent the message before.
UNCLEAR = ("ClientNetworkError", "ServerNetworkError", "JSONDecodeError", "InternalError")


def make(settings: Sms) -> "TencentProvider":
    return TencentProvider(settings)


class TencentProvider:
    def __init__(self, settings: Sms, *, host: str = HOST, protocol: str = "https") -> None:
        self._settings = settings
        profile = ClientProfile(httpProfile=HttpProfile(protocol=protocol, endpoint=host, reqTimeout=ANSWER_SECONDS))
        credential = Credential(settings.access_key_id, settings.access_key_secret)
        self._client = SmsClient(credential, REGION, profile)

    def send_code(self, phone: str, purpose: str, code: str, about: str = "") -> None:
        template = self._settings.template_for(purpose)
        has_about = about and template == self._settings.templates.get(purpose)
        self._send(phone, template, [code, about] if has_about else [code])

    def carries(self, purpose: str) -> bool:
        return bool(self._settings.templates.get(purpose))

    def send_text(self, phone: str, purpose: str, text: str, fields: Mapping[str, str]) -> None:
        self._send(phone, self._settings.templates[purpose], list(fields.values()))

    def _send(self, phone: str, template: str, fields: Sequence[str]) -> None:
        request = SendSmsRequest()
        request.PhoneNumberSet = [f"+86{phone}"]
        request.SmsSdkAppId = self._settings.app_id
        request.SignName = self._settings.sign_name
        request.TemplateId = template
        request.TemplateParamSet = list(fields)
        try:
            answer: Any = self._client.SendSms(request)
        except TencentCloudSDKException as error:
            log.warning("sms_failed", provider="tencent", reason=str(error.get_code()))
            is_clear = not str(error.get_code()).startswith(UNCLEAR)
            raise (SmsFailed if is_clear or never_left(error) else SmsOutcomeUnknown) from None
        statuses = answer.SendStatusSet or []
        if not statuses:
            log.warning("sms_failed", provider="tencent", reason="no status")
            raise SmsOutcomeUnknown
        if any(status.Code != "Ok" for status in statuses):
            log.warning("sms_failed", provider="tencent", reason=",".join(str(status.Code) for status in statuses))
            raise SmsFailed
