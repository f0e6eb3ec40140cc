"""Sources: registering, listing, pausing; what is due; what became of a fetch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from models.domain.course import REACH_WITHOUT_WEEKS, Course
from models.domain.errors import Conflict, NotFound
from models.domain.hashtags import match_key
from models.domain.identity import digest, key_of_url
from models.domain.links import host_key
from models.domain.source import Match, Rule, SourceSpec, SourceState
from models.store.ids import new_short_id
from models.store.leases import ensure_host, reschedule
from models.tables.courses import CourseTable
from models.tables.people import ParticipantTable
from models.tables.sources import FetchTable, SourceTable

KEPT_FETCHES = timedelta(days=30)
"""How far back the history of fetches goes."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as operators see it, with its course's slug and its health."""

    course_id: int
    course: str
    id: str
    kind: str
    url: str
    title: str | None
    homepage: str | None
    participant_id: str | None
    match: Match
    options: Mapping[str, Any]
    from_file: bool
    state: SourceState
    state_reason: str | None
    host: str
    due_at: datetime | None
    cursor: Mapping[str, Any]
    etag: str | None
    last_modified: str | None
    body_digest: str | None
    rule_digest: str | None
    moving_to: str | None
    moves_seen: int
    hints: Mapping[str, Any]
    failures: int
    failing_since: datetime | None
    last_fetch_at: datetime | None
    last_success_at: datetime | None
    last_new_at: datetime | None
    last_error: str | None
    error_code: str | None
    interval: float | None
    created_at: datetime


_COLUMNS = [
    getattr(SourceTable, name) for name in SourceRow.__dataclass_fields__ if name not in {"course"}
]


def _row(values: Mapping[str, Any], slug: str) -> SourceRow:
    fields = dict(values)
    fields["match"] = Match(fields["match"])
    fields["state"] = SourceState(fields["state"])
    return SourceRow(course=slug, **fields)


def add(
    session: Session,
    course_id: int,
    *,
    kind: str,
    url: str,
    now: datetime,
    match: Match = Match.HASHTAG,
    title: str | None = None,
    participant_id: str | None = None,
    options: Mapping[str, Any] | None = None,
    from_file: bool = False,
) -> str:
    """Registers a source, due at once; returns its id.

    Raises `Conflict` where the course has it already. One that was removed comes back, with its id.
    """
    host, url_key = host_key(url), key_of_url(url)
    ensure_host(session, host)
    chosen = {
        "url": url,
        "host": host,
        "match": match.value,
        "options": dict(options or {}),
        "from_file": from_file,
        "state": SourceState.ACTIVE.value,
        "state_reason": None,
        "due_at": now,
        **({"title": title} if title else {}),
        **({"participant_id": participant_id} if participant_id else {}),
    }
    known = session.execute(
        select(SourceTable.id, SourceTable.state).where(
            SourceTable.course_id == course_id,
            SourceTable.kind == kind,
            SourceTable.url_key == url_key,
        )
    ).first()
    if known is not None and known.state != SourceState.REMOVED:
        raise Conflict(f"this source is registered already, as {known.id}")
    if known is not None:
        _set(session, course_id, known.id, {**chosen, **FORGET})
        source_id: str = known.id
    else:
        source_id = new_short_id()
        session.execute(
            insert(SourceTable).values(
                course_id=course_id,
                id=source_id,
                kind=kind,
                url_key=url_key,
                created_at=now,
                cursor={},
                hints={},
                **chosen,
            )
        )
    reschedule(session, [host])
    return source_id


FORGET: Mapping[str, Any] = {
    "etag": None,
    "last_modified": None,
    "body_digest": None,
    "rule_digest": None,
    "cursor": {},
}
"""What makes the next fetch read everything anew."""


def listed(
    session: Session, *, course: str | None = None, removed: bool = False
) -> tuple[SourceRow, ...]:
    """Sources in the order they were added, of one course or of all."""
    query = (
        select(CourseTable.slug, *_COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .order_by(CourseTable.slug, SourceTable.created_at, SourceTable.id)
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if not removed:
        query = query.where(SourceTable.state != SourceState.REMOVED.value)
    return tuple(_named(row) for row in session.execute(query).mappings())


def _named(row: Mapping[Any, Any]) -> SourceRow:
    values = dict(row)
    slug = values.pop("slug")
    return _row(values, slug)


def get(session: Session, source_id: str) -> SourceRow:
    """One source by its id, whatever its course. Raises `NotFound`."""
    query = (
        select(CourseTable.slug, *_COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.id == source_id)
    )
    row = session.execute(query).mappings().first()
    if row is None:
        raise NotFound(f"there is no source {source_id}: `moocfeed source list` shows all")
    return _named(row)


def set_state(
    session: Session, source: SourceRow, state: SourceState, *, reason: str | None, now: datetime
) -> None:
    """Pauses, resumes or removes. A source that becomes active is due at once."""
    active = state is SourceState.ACTIVE
    values: dict[str, Any] = {
        "state": state.value,
        "state_reason": reason,
        "due_at": now if active else None,
    }
    if active:
        values |= {"failures": 0, "failing_since": None}
    _set(session, source.course_id, source.id, values)
    reschedule(session, [source.host])


def _set(session: Session, course_id: int, source_id: str, values: Mapping[str, Any]) -> None:
    session.execute(
        update(SourceTable)
        .where(SourceTable.course_id == course_id, SourceTable.id == source_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


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
        select(CourseTable.slug, *_COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.host.in_(hosts), SourceTable.due_at <= due_by)
        .order_by(SourceTable.due_at, SourceTable.id)
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if source is not None:
        query = query.where(SourceTable.id == source)
    return [_named(row) for row in session.execute(query).mappings()]


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
    hosts = set(changed.scalars())
    for chunk in _chunks(sorted(hosts), 500):
        reschedule(session, chunk)


def _chunks(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[at : at + size] for at in range(0, len(values), size)]


def hosts_of(
    session: Session, *, course: str | None = None, source: str | None = None
) -> frozenset[str]:
    """The hosts of one course's active sources, or of one source."""
    query = (
        select(SourceTable.host)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.state == SourceState.ACTIVE.value)
        .distinct()
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if source is not None:
        query = query.where(SourceTable.id == source)
    return frozenset(session.scalars(query))


def spec(source: SourceRow, course: Course, *, participant_name: str | None = None) -> SourceSpec:
    """The source as its collector sees it, with the course's rule."""
    starts = course.starts_at() or source.created_at - REACH_WITHOUT_WEEKS
    rule = Rule(
        hashtags=tuple(match_key(tag) for tag in course.hashtags),
        match=source.match,
        language=course.language,
        registered_only=course.consent == "registered",
        participant_registered=source.participant_id is not None,
        since=starts.timestamp(),
    )
    return SourceSpec(
        id=source.id,
        kind=source.kind,
        url=source.url,
        rule=rule,
        title=source.title,
        participant_name=participant_name,
        options=source.options,
        cursor=source.cursor,
    )


def rule_digest(rule: Rule) -> str:
    """Of everything that decides which entries match: when it changes, all is read anew."""
    return digest(
        *rule.hashtags,
        rule.match,
        str(rule.registered_only),
        str(rule.participant_registered),
    )


def participant_names(session: Session, course_id: int) -> Mapping[str, str]:
    """Id -> name of a course's participants."""
    rows = session.execute(
        select(ParticipantTable.id, ParticipantTable.name).where(
            ParticipantTable.course_id == course_id
        )
    )
    return {row.id: row.name for row in rows}


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
    session.execute(
        insert(FetchTable),
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
        alike.setdefault(tuple(sorted(fetch.values)), []).append(row)
    for rows in alike.values():
        session.execute(update(SourceTable), rows)


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


def health_counts(session: Session, course_id: int) -> Mapping[str, int]:
    """How many sources are in which state; `failing` are active ones whose last fetch failed."""
    rows = session.execute(
        select(
            SourceTable.state,
            func.count(),
            func.count().filter(or_(SourceTable.failures > 0)),
        )
        .where(SourceTable.course_id == course_id)
        .group_by(SourceTable.state)
    ).all()
    counts = {state: total for state, total, _ in rows}
    failing = sum(failed for state, _, failed in rows if state == SourceState.ACTIVE.value)
    return {**counts, "failing": failing}
