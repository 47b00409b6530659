"""Which push is answered by what.

A handler's answer is computed from files alone, so that a repeated push may simply be answered again. What a handler
changes (`act`) is done once: see callback.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.wechat.push import Push
from app.wechat.replies import Reply, ReplyTexts

Answer = Callable[[Push], Reply | None]
Act = Callable[[Push], None]


def silent(push: Push) -> None:
    """No answer: what cannot show one, or needs none."""


@dataclass(frozen=True)
class Handler:
    answer: Answer = silent
    act: Act | None = None


@dataclass
class Routes:
    """The table: by event, by menu key, by type of message."""

    messages: dict[str, Handler] = field(default_factory=dict)
    events: dict[str, Handler] = field(default_factory=dict)
    taps: dict[str, Handler] = field(default_factory=dict)

    def on_event(self, name: str, *, act: Act) -> None:
        """Have `act` done once for each push of this event, beside its answer."""
        self.events[name] = replace(self.events.get(name, Handler()), act=act)

    def find(self, push: Push) -> Handler | None:
        """The handler of a push; None for a type or event that nobody knows yet."""
        if push.kind != "event":
            return self.messages.get(push.kind)
        if push.event == "click":
            return self.taps.get(push.key) or self.events.get("click")
        return self.events.get(push.event)


#: Messages that people send; all but text are answered with a short help.
MESSAGES = ("image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage")
#: Events that WeChat only reports; they cannot show an answer or need none (WeChat contract 2.2).
REPORTS = (
    *("unsubscribe", "view", "view_miniprogram", "location", "scancode_push", "templatesendjobfinish"),
    *("masssendjobfinish", "publishjobfinish", "subscribe_msg_popup_event", "subscribe_msg_change_event"),
    *("subscribe_msg_sent_event", "user_info_modified", "user_authorization_revoke"),
    *("user_authorization_cancellation", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"),
)


def default_routes(texts: ReplyTexts) -> Routes:
    """Follow, scan, menu taps, keywords; everything else that a person sends gets a short help."""
    helping = Handler(lambda push: texts.help)
    routes = Routes(messages=dict.fromkeys(MESSAGES, helping), events={name: Handler() for name in REPORTS})
    routes.messages["text"] = Handler(lambda push: texts.for_text(push.text))
    routes.events |= {
        "subscribe": Handler(lambda push: texts.for_scene(push.scene, push.openid)),
        "scan": Handler(lambda push: texts.for_scene(push.scene, push.openid)),
        "click": helping,
        "scancode_waitmsg": helping,
    }
    routes.taps = {key: Handler(lambda push, text=text: text) for key, text in texts.taps.items()}  # type: ignore[misc]
    return routes
