"""The parts of the running application, reachable from entry points as `here`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import Engine
from werkzeug.local import LocalProxy

from app.clock import Clock
from app.config import Config
from app.redis import Redis

if TYPE_CHECKING:
    from app.jobs import Jobs
    from app.notices.texts import NoticeTexts
    from app.sms.provider import SmsProvider
    from app.volunteers.homes import Homes
    from app.wechat.gateway import OfficialAccount

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
    homes: "Homes"
    notice_texts: "NoticeTexts"


here = cast(Context, LocalProxy(lambda: current_app.extensions[NAME]))
