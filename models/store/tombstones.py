"""Deletions that a stream told of: they may come before what they delete."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session

from models.domain.post import Post
from models.store.chunks import chunks
from models.tables.base import rows_of
from models.tables.posts import SightingTable
from models.tables.tombstones import TombstoneTable

KEPT = timedelta(days=7)
"""Long enough for any run that began before; the server itself has forgotten the status."""


def set_up(
    session: Session, course_id: int, source_id: str, remote_ids: Collection[str], now: datetime
) -> None:
    """Marks statuses as deleted."""
    known = _known(session, course_id, source_id, remote_ids)
    _date(session, course_id, source_id, known, now)
    rows = [
        {"course_id": course_id, "source_id": source_id, "remote_id": remote_id, "at": now}
        for remote_id in sorted(set(remote_ids) - known.keys())
    ]
    if rows:
        session.execute(insert(rows_of(TombstoneTable)), rows)


def entry_keys(
    session: Session, course_id: int, source_id: str, remote_ids: Collection[str]
) -> set[str]:
    """The source's entries that are called so."""
    return {
        key
        for part in chunks(remote_ids)
        for key in session.scalars(
            select(SightingTable.entry_key).where(
                SightingTable.course_id == course_id,
                SightingTable.source_id == source_id,
                SightingTable.remote_id.in_(part),
            )
        )
    }


def among(
    session: Session,
    course_id: int,
    source_id: str,
    posts: Sequence[Post],
    *,
    begun_at: datetime | None,
    now: datetime,
) -> frozenset[str]:
    """Entry keys of those that were deleted, however late their copy comes.

    What a run shows that began after the deletion was heard of is really there again: its
    tombstone goes. What a stream repeats (`begun_at` None) is not.
    """
    by_id = {post.remote_id: post.entry_key for post in posts if post.remote_id is not None}
    found = _known(session, course_id, source_id, by_id)
    # A clock that was set back leaves some that no run would begin after: they count from now on.
    ahead = {id_ for id_, at in found.items() if at > now}
    _date(session, course_id, source_id, ahead, now)
    risen = {id_ for id_, at in found.items() if begun_at is not None and begun_at > at}
    for part in chunks(risen):
        session.execute(
            delete(TombstoneTable)
            .where(*_of(course_id, source_id), TombstoneTable.remote_id.in_(part))
            .execution_options(synchronize_session=False)
        )
    return frozenset(by_id[id_] for id_ in found.keys() - risen)


def _date(
    session: Session, course_id: int, source_id: str, remote_ids: Collection[str], at: datetime
) -> None:
    for part in chunks(remote_ids):
        session.execute(
            update(TombstoneTable)
            .where(*_of(course_id, source_id), TombstoneTable.remote_id.in_(part))
            .values(at=at)
            .execution_options(synchronize_session=False)
        )


def prune(session: Session, now: datetime) -> None:
    """Deletes those that are older than they are kept."""
    session.execute(delete(TombstoneTable).where(TombstoneTable.at < now - KEPT))


def _known(
    session: Session, course_id: int, source_id: str, remote_ids: Collection[str]
) -> dict[str, datetime]:
    return {
        row.remote_id: row.at
        for part in chunks(remote_ids)
        for row in session.execute(
            select(TombstoneTable.remote_id, TombstoneTable.at).where(
                *_of(course_id, source_id), TombstoneTable.remote_id.in_(part)
            )
        )
    }


def _of(course_id: int, source_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return TombstoneTable.course_id == course_id, TombstoneTable.source_id == source_id
