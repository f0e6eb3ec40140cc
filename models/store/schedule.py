"""What is due, and what became of it: the history of fetches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models.domain.health import Health, health
from models.domain.source import SourceState
from models.store.among import among
from models.store.bulk import insert_rows, update_rows
from models.store.leases import reschedule
from models.store.sources import COLUMNS, SourceRow, from_row
from models.tables.courses import CourseTable
from models.tables.sources import FetchTable, HostTable, SourceTable

KEPT_FETCHES = timedelta(days=30)
"""How far back the history of fetches goes."""


def due(
    session: Session,
    hosts: Collection[str],
    due_by: datetime,
    *,
    course: str | None = None,
    source: str | None = None,
) -> Sequence[SourceRow]:
    """The active sources of these hosts that are due, longest waiting first."""
    query = (
        select(CourseTable.slug, *COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(among(session, SourceTable.host, hosts), SourceTable.due_at <= due_by)
        .order_by(SourceTable.due_at, SourceTable.id)
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if source is not None:
        query = query.where(SourceTable.id == source)
    return [from_row(row) for row in session.execute(query).mappings()]


def make_due(
    session: Session, now: datetime, *, course: str | None = None, source: str | None = None
) -> None:
    """Makes every active source due now, or those of one course, or one."""
    query = update(SourceTable).where(SourceTable.state == SourceState.ACTIVE.value)
    if course is not None:
        ids = select(CourseTable.id).where(CourseTable.slug == course)
        query = query.where(SourceTable.course_id.in_(ids))
    if source is not None:
        query = query.where(SourceTable.id == source)
    changed = session.execute(
        query.values(due_at=now)
        .returning(SourceTable.host)
        .execution_options(synchronize_session=False)
    )
    reschedule(session, set(changed.scalars()))


def hosts_due(
    session: Session, due_by: datetime, *, course: str | None = None, source: str | None = None
) -> frozenset[str]:
    """The hosts of one course's sources that are due, or of one source."""
    query = (
        select(SourceTable.host)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.due_at <= due_by)
        .distinct()
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if source is not None:
        query = query.where(SourceTable.id == source)
    return frozenset(session.scalars(query))


@dataclass(frozen=True, slots=True)
class FetchRecord:
    """What became of one fetch: a row of history, and what it changes of the source."""

    course_id: int
    source_id: str
    at: datetime
    outcome: str
    status: int | None
    milliseconds: int
    bytes: int
    values: Mapping[str, Any] = field(default_factory=dict)
    """Columns of `sources` to set."""
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    error: str | None = None


def record(session: Session, fetches: Sequence[FetchRecord]) -> None:
    """Writes fetches of sources: those that set the same columns go in one statement."""
    insert_rows(
        session,
        FetchTable,
        [
            {
                "course_id": fetch.course_id,
                "source_id": fetch.source_id,
                "at": fetch.at,
                "outcome": fetch.outcome,
                "status": fetch.status,
                "milliseconds": fetch.milliseconds,
                "bytes": fetch.bytes,
                "new": fetch.new,
                "changed": fetch.changed,
                "withdrawn": fetch.withdrawn,
                "error": fetch.error,
            }
            for fetch in fetches
        ],
    )
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for fetch in fetches:
        row = {"course_id": fetch.course_id, "id": fetch.source_id, **fetch.values}
        if fetch.values:
            alike.setdefault(tuple(sorted(fetch.values)), []).append(row)
    for rows in alike.values():
        update_rows(session, SourceTable, rows)


def prune_fetches(session: Session, now: datetime) -> None:
    """Deletes history older than it is kept."""
    session.execute(delete(FetchTable).where(FetchTable.at < now - KEPT_FETCHES))


def history(session: Session, source: SourceRow, *, limit: int = 20) -> Sequence[FetchTable]:
    """A source's last fetches, newest first."""
    return session.scalars(
        select(FetchTable)
        .where(FetchTable.course_id == source.course_id, FetchTable.source_id == source.id)
        .order_by(FetchTable.at.desc())
        .limit(limit)
    ).all()


def last_seconds(session: Session) -> Mapping[tuple[int, str], float]:
    """(course id, source id) -> how long its last answer took."""
    rows = session.execute(
        select(FetchTable.course_id, FetchTable.source_id, FetchTable.milliseconds).join(
            SourceTable,
            (SourceTable.course_id == FetchTable.course_id)
            & (SourceTable.id == FetchTable.source_id)
            & (SourceTable.last_fetch_at == FetchTable.at),
        )
    )
    return {(row.course_id, row.source_id): row.milliseconds / 1000 for row in rows}


def health_of(source: SourceRow, seconds: Mapping[tuple[int, str], float]) -> Health:
    """How a source is doing; `seconds` from `last_seconds`."""
    return health(
        source.state,
        asked=source.last_fetch_at is not None,
        failures=source.failures,
        error_code=source.error_code or source.live_error,
        last_seconds=seconds.get((source.course_id, source.id)),
    )


@dataclass(frozen=True, slots=True)
class Resting:
    """A host that wants to be left alone for a while (429, 503), though sources of it are due."""

    host: str
    until: datetime
    sources: int


def resting(
    session: Session, now: datetime, *, course: str | None = None, source: str | None = None
) -> Sequence[Resting]:
    """Hosts whose due sources have to wait, those that wait longest last."""
    query = (
        select(HostTable.host, HostTable.not_before, func.count().label("sources"))
        .join(SourceTable, SourceTable.host == HostTable.host)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(HostTable.not_before > now, SourceTable.due_at <= now)
        .group_by(HostTable.host, HostTable.not_before)
        .order_by(HostTable.not_before, HostTable.host)
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if source is not None:
        query = query.where(SourceTable.id == source)
    return [Resting(row.host, row.not_before, row.sources) for row in session.execute(query)]


def count_due(
    session: Session, due_by: datetime, *, course: str | None = None, source: str | None = None
) -> int:
    """How many sources are due: the length of a progress bar."""
    query = (
        select(func.count())
        .select_from(SourceTable)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.due_at <= due_by)
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if source is not None:
        query = query.where(SourceTable.id == source)
    return session.scalar(query) or 0
