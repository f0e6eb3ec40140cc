"""Participants, as far as sources name them, and how many posts of theirs are listed."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from models.store.ids import new_short_id
from models.store.touched import Projected
from models.tables.base import rows_of
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


def count_posts(session: Session, course_id: int, projected: Sequence[Projected]) -> None:
    """Counts how many of each participant's posts are listed now that these are written."""
    changes: Counter[str] = Counter()
    for post in projected:
        before, row = post.before, post.row
        if before is not None and before.listed and before.participant_id:
            changes[before.participant_id] -= 1
        if row["listed"] and row["participant_id"]:
            changes[row["participant_id"]] += 1
    changed = [{"of": id_, "more": more} for id_, more in sorted(changes.items()) if more]
    if changed:
        table = rows_of(ParticipantTable)
        session.connection().execute(
            update(table)
            .where(table.c.course_id == course_id, table.c.id == bindparam("of"))
            .values(posts=table.c.posts + bindparam("more")),
            changed,
        )
