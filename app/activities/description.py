"""What an activity says of itself, beside who, where and when."""

from datetime import datetime

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.states import Mode
from app.database import UtcDateTime
from app.privacy import NONE


class Description:
    """Columns of Activity that nothing is decided by."""

    title: Mapped[str] = mapped_column(String(50), info=NONE)
    scope_category: Mapped[str] = mapped_column(String(4), info=NONE)
    target_groups: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    content: Mapped[str] = mapped_column(Text, info=NONE)
    #: Where it takes place when it is online; shown to those who signed up.
    online_url: Mapped[str] = mapped_column(String(300), default="", info=NONE)
    notice: Mapped[str] = mapped_column(Text, default="", info=NONE)
    provisions: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    #: The uid of the first picture, kept here for the lists; empty when there is none.
    cover: Mapped[str] = mapped_column(String(32), default="", info=NONE)
    #: Other units that take part, in words.
    co_organizers: Mapped[str] = mapped_column(String(200), default="", info=NONE)
    #: Kinds beside the category, from the lists in app/codes.py (domain facts 4.7).
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    forms: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    purposes: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    places: Mapped[list[str]] = mapped_column(JSON, default=list, info=NONE)
    #: The days of the year that it is part of, by the key in the file of campaigns.
    campaign: Mapped[str] = mapped_column(String(20), default="", info=NONE)
    mode: Mapped[str] = mapped_column(String(8), default=Mode.OFFLINE, info=NONE)
    #: 经常性 or 阶段性, and whether persons or whole groups are sought: keys of states.RHYTHMS and RECRUITS, or empty.
    rhythm: Mapped[str] = mapped_column(String(8), default="", info=NONE)
    recruits: Mapped[str] = mapped_column(String(8), default="", info=NONE)
    venue_name: Mapped[str] = mapped_column(String(100), default="", info=NONE)
    #: What both sides agree on; read before signing up (article 13).
    agreement: Mapped[str] = mapped_column(Text, default="", info=NONE)
    #: Watched by discipline inspection or audit (article 19).
    is_major: Mapped[bool] = mapped_column(default=False, info=NONE)
    #: When the organiser was last told of sign-ups that wait for a yes (app/activities/awaiting.py).
    pending_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime, info=NONE)
