"""The table of whom directed activities are meant for."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import TABLE, Base, BigId
from app.organizations.models import Organization, Team
from app.privacy import NONE

#: A merge gives them to the organisation that takes the place of the one they name.
MOVES = {**TABLE, "info": {"merge": "move"}}


class Audience(Base):
    """Whom a directed activity is meant for: members of an organisation, maybe with all below it, or of a sub-team."""

    __tablename__ = "activity_audiences"
    __table_args__ = (Index(None, "activity_id"), Index(None, "organization_id"), MOVES)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, info=NONE)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id"), info=NONE)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), info=NONE)
    with_below: Mapped[bool] = mapped_column(default=False, info=NONE)

    #: Only the members of this sub-team of the organisation.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), info=NONE)

    organization: Mapped[Organization] = relationship()
    team: Mapped[Team | None] = relationship()
