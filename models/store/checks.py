"""What a run is to look after: posts due for a check, posts with replies that were not read."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

from models.domain.checks import ANSWERABLE, next_check
from models.domain.decide import SightingState
from models.domain.normalise import MAX_ID
from models.domain.post import Kind
from models.domain.source import Errands, SourceState
from models.store.chunks import chunks
from models.store.sources import SourceRow
from models.tables.courses import CourseTable
from models.tables.posts import SightingTable
from models.tables.sources import SourceTable

RECHECKS = 40
"""Posts that one run looks at again: two requests, or forty where there is no other way."""
ANSWERS = 10
"""Posts whose replies one run reads, a request each."""


def errands(session: Session, source: SourceRow, now: datetime, *, every: bool = False) -> Errands:
    """What the source is to be asked for beside what is new: the longest due first, a few in each
    run; with `every`, all posts that are ever checked, due or not.
    """
    own = _live(source)
    wanted = select(SightingTable.remote_id, SightingTable.external_id, SightingTable.kind).where(
        *own, func.length(SightingTable.external_id) < MAX_ID
    )
    if every:
        wanted = wanted.order_by(SightingTable.first_seen_at.desc())
    else:
        wanted = (
            wanted.where(SightingTable.check_at <= now)
            .order_by(SightingTable.check_at)
            .limit(RECHECKS)
        )
    found = session.execute(wanted).all()
    return Errands(
        recheck=tuple((row.remote_id, row.external_id) for row in found),
        responses=frozenset(row.external_id for row in found if row.kind == Kind.COMMENT),
        answers_to=_unanswered(session, source, now, every=every),
    )


def _unanswered(
    session: Session, source: SourceRow, now: datetime, *, every: bool
) -> tuple[tuple[str, str], ...]:
    wanted = (
        select(SightingTable.remote_id, SightingTable.external_id)
        .where(
            *_live(source),
            SightingTable.listed,
            SightingTable.published_at >= now - ANSWERABLE,
            SightingTable.replies > 0,
            SightingTable.answers_at.is_(None),
            func.length(SightingTable.external_id) < MAX_ID,
        )
        .order_by(SightingTable.published_at.desc())
        .limit(None if every else ANSWERS)
    )
    return tuple((row.remote_id, row.external_id) for row in session.execute(wanted))


def _live(source: SourceRow) -> tuple[ColumnElement[bool], ...]:
    return (
        SightingTable.course_id == source.course_id,
        SightingTable.source_id == source.id,
        SightingTable.state == SightingState.LIVE.value,
        SightingTable.remote_id.is_not(None),
    )


def mark(
    session: Session,
    course_id: int,
    source_id: str,
    checked: Collection[str],
    answered: Collection[str],
    now: datetime,
) -> None:
    """Notes that these entries (by key) were looked at, and when that is due again."""
    own = (SightingTable.course_id == course_id, SightingTable.source_id == source_id)
    for part in chunks(checked):
        rows = session.execute(
            select(
                SightingTable.entry_key, SightingTable.first_seen_at, SightingTable.checks
            ).where(*own, SightingTable.entry_key.in_(part))
        ).all()
        if rows:
            session.execute(
                update(SightingTable), [_checked(course_id, source_id, row, now) for row in rows]
            )
    for part in chunks(answered):
        session.execute(
            update(SightingTable)
            .where(*own, SightingTable.entry_key.in_(part))
            .values(answers_at=now)
            .execution_options(synchronize_session=False)
        )


def _checked(
    course_id: int, source_id: str, row: Row[str, datetime, int], now: datetime
) -> dict[str, Any]:
    return {
        "course_id": course_id,
        "source_id": source_id,
        "entry_key": row.entry_key,
        "checks": row.checks + 1,
        "check_at": next_check(row.first_seen_at, now),
    }


def make_due(
    session: Session,
    kinds: Collection[str],
    now: datetime,
    *,
    course: str | None = None,
    source: str | None = None,
) -> None:
    """Makes every check due of active sources of these kinds, of one course or of all, or of one
    source.
    """
    own = (
        select(SourceTable.course_id, SourceTable.id)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.kind.in_(kinds), SourceTable.state == SourceState.ACTIVE.value)
    )
    if course is not None:
        own = own.where(CourseTable.slug == course)
    if source is not None:
        own = own.where(SourceTable.id == source)
    rows = session.execute(own.order_by(SourceTable.course_id, SourceTable.id)).all()
    # Before the sightings, as whoever takes answers in does.
    session.execute(
        select(CourseTable.id)
        .where(CourseTable.id.in_({row.course_id for row in rows}))
        .order_by(CourseTable.id)
        .with_for_update(key_share=True)
    )
    for row in rows:
        session.execute(
            update(SightingTable)
            .where(
                SightingTable.course_id == row.course_id,
                SightingTable.source_id == row.id,
                SightingTable.state == SightingState.LIVE.value,
                SightingTable.remote_id.is_not(None),
            )
            .values(check_at=now)
            .execution_options(synchronize_session=False)
        )


def hasten(session: Session, course_id: int, source_id: str, now: datetime) -> None:
    """Makes the checks of the newest posts due: a stream that was down may have missed their
    edits and deletions.
    """
    newest = (
        select(SightingTable.entry_key)
        .where(
            SightingTable.course_id == course_id,
            SightingTable.source_id == source_id,
            SightingTable.state == SightingState.LIVE.value,
            SightingTable.remote_id.is_not(None),
        )
        .order_by(SightingTable.first_seen_at.desc())
        .limit(RECHECKS)
    )
    keys = session.scalars(newest).all()
    session.execute(
        update(SightingTable)
        .where(
            SightingTable.course_id == course_id,
            SightingTable.source_id == source_id,
            SightingTable.entry_key.in_(keys),
        )
        .values(check_at=now)
        .execution_options(synchronize_session=False)
    )
