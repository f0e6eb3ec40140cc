"""Giving a source, and what it has shown, to another participant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from models.domain.identity import person_key
from models.store.assigning import participant_key
from models.store.bulk import update_rows
from models.store.chunks import chunks
from models.store.locking import lock_course
from models.store.projection import project
from models.store.sources import SourceRow
from models.store.touched import Counts, Touched, Values
from models.tables.people import AccountTable
from models.tables.posts import SightingTable
from models.tables.sources import SourceTable

_Sighting = Row[str, str, str | None, str | None, str | None]


def hand_over(
    session: Session, source: SourceRow, participant_id: str | None, now: datetime
) -> Counts:
    """Makes a source another participant's, or nobody's, with all that was derived from it.

    What they have shown goes along; what nobody's source shows belongs to whose account wrote it.
    Reading anew does not do that: entries that are the same are left as they are.
    """
    course = lock_course(session, source.course_id)
    ids = _give(session, source, participant_id)
    rows = _shown(session, source.course_id, ids)
    accounts = {} if participant_id else _accounts(session, source.course_id)
    differing = _differing(source.course_id, rows, participant_id, accounts)
    update_rows(session, SightingTable, differing)
    changed = {(row["source_id"], row["entry_key"]) for row in differing}
    posts = {
        row.post_id
        for row in rows
        if row.post_id is not None and (row.source_id, row.entry_key) in changed
    }
    touched = {post_id: Touched(post_id, is_new=False) for post_id in posts}
    changes = project(session, course, touched, {}, now) if touched else {}
    return Counts.total(changes)


def _give(session: Session, source: SourceRow, participant_id: str | None) -> Sequence[str]:
    """Returns the ids of the source and of those derived from it that were the same one's."""
    derived = session.scalars(
        select(SourceTable.id).where(
            SourceTable.course_id == source.course_id,
            SourceTable.parent_id == source.id,
            SourceTable.participant_id.is_not_distinct_from(source.participant_id),
        )
    )
    ids = [source.id, *derived]
    session.execute(
        update(SourceTable)
        .where(SourceTable.course_id == source.course_id, SourceTable.id.in_(ids))
        .values(participant_id=participant_id)
        .execution_options(synchronize_session=False)
    )
    return ids


def _shown(session: Session, course_id: int, source_ids: Collection[str]) -> Sequence[_Sighting]:
    return [
        row
        for part in chunks(source_ids)
        for row in session.execute(
            select(
                SightingTable.source_id,
                SightingTable.entry_key,
                SightingTable.post_id,
                SightingTable.author_key,
                SightingTable.participant_id,
            ).where(
                SightingTable.course_id == course_id,
                SightingTable.source_id.in_(part),
                SightingTable.post_id.is_not(None),
            )
        )
    ]


def _differing(
    course_id: int,
    rows: Sequence[_Sighting],
    owner: str | None,
    accounts: Mapping[str, str],
) -> Sequence[Values]:
    """The sightings that are another's now, with whose they are."""
    found: list[Values] = []
    for row in rows:
        account = person_key(row.author_key or "")
        participant = owner or accounts.get(account)
        if participant != row.participant_id:
            found.append(
                {
                    "course_id": course_id,
                    "source_id": row.source_id,
                    "entry_key": row.entry_key,
                    "participant_id": participant,
                    "person_key": participant_key(participant) if participant else account,
                }
            )
    return found


def _accounts(session: Session, course_id: int) -> Mapping[str, str]:
    """Account key -> participant."""
    rows = session.execute(
        select(AccountTable.key, AccountTable.participant_id).where(
            AccountTable.course_id == course_id
        )
    )
    return {row.key: row.participant_id for row in rows}
