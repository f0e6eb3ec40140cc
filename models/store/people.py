"""Participants, as far as sources name them."""

from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models.store.ids import new_short_id
from models.tables.people import ParticipantTable


def ensure(session: Session, course_id: int, name: str, now: datetime) -> str:
    """The id of the participant with this name, who is made known where nobody has it.

    Whoever is named in a course file or by an operator has agreed to be listed: that is what
    naming them there says (`docs/decisions`).
    """
    known = session.scalar(
        select(ParticipantTable.id).where(
            ParticipantTable.course_id == course_id,
            func.lower(ParticipantTable.name) == name.lower(),
        )
    )
    if known is not None:
        return known
    participant_id = new_short_id()
    session.execute(
        insert(ParticipantTable).values(
            course_id=course_id,
            id=participant_id,
            name=name,
            role="participant",
            consented_at=now,
            created_at=now,
        )
    )
    return participant_id
