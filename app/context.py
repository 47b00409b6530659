"""The parts of the running application, reachable from entry points as `here`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app
from redis import Redis
from sqlalchemy import Engine
from werkzeug.local import LocalProxy

from app.clock import Clock
from app.config import Config

if TYPE_CHECKING:
    from app.jobs import Jobs
    from app.sms.provider import SmsProvider
    from app.wechat.gateway import OfficialAccount
    from app.wechat.replies import ReplyTexts

NAME = "stvs"


@dataclass(frozen=True)
class Context:
    config: Config
    clock: Clock
    engine: Engine
    redis: Redis
    jobs: "Jobs"
    wechat: "OfficialAccount"
    sms: "SmsProvider"
    reply_texts: "ReplyTexts"


here = cast(Context, LocalProxy(lambda: current_app.extensions[NAME]))
