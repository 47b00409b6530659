"""Titles of activities, found by a word that stands anywhere in them; their tails are kept whenever a title changes."""

from sqlalchemy import ColumnElement, Connection, ForeignKey, Index, event, inspect, select
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app import tails
from app.activities.models import Activity
from app.database import TABLE, Base, session
from app.privacy import NONE

#: Of more titles than these with the word, the next ones in the order of a list are found by reading it.
FEW = 500


class TitleTail(Base):
    """A title from one of its characters on."""

    __tablename__ = "activity_title_tails"
    __table_args__ = (Index(None, "tail", "activity_id"), TABLE)

    activity_id: Mapped[int] = mapped_column(
        ForeignKey("activities.id", ondelete="CASCADE"), primary_key=True, info=NONE
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=NONE)
    tail: Mapped[str] = mapped_column(tails.Tail, info=NONE)


KEPT = tails.Kept(
    TitleTail, TitleTail.activity_id, select(Activity.id.label("activity_id"), Activity.title.label("text"))
)


@event.listens_for(Activity, "after_insert")
@event.listens_for(Activity, "after_update")
def _keep(mapper: Mapper[Activity], connection: Connection, activity: Activity) -> None:
    if inspect(activity).attrs.title.history.has_changes():
        KEPT.write(connection, [activity.id])


def containing(text: str) -> ColumnElement[bool]:
    """The condition for titles with the text in them; % and _ are plain characters, big and small letters are one."""
    query = select(TitleTail.activity_id).where(tails.beginning(TitleTail.tail, text))
    found = session.scalars(query.limit(FEW + 1)).all()
    if len(found) > FEW:
        # So common that a list, read in its order, soon has a page of them.
        return Activity.title.icontains(text, autoescape=True)
    return Activity.id.in_(set(found))
