"""Sources: registering, listing, pausing, and what their collectors have to know."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from models.domain.course import REACH_WITHOUT_WEEKS, Course
from models.domain.errors import Conflict, NotFound
from models.domain.hashtags import match_key
from models.domain.html import PROFILE
from models.domain.identity import digest, key_of_url
from models.domain.links import host_key
from models.domain.source import (
    BACKFILLED,
    MENTION,
    SPENT,
    Derived,
    Match,
    Rule,
    SourceSpec,
    SourceState,
)
from models.store import barred
from models.store.among import among
from models.store.ids import new_short_id
from models.store.leases import ensure_host, lock_hosts, reschedule
from models.tables.backfills import BackfillTable
from models.tables.courses import CourseTable
from models.tables.people import ParticipantTable
from models.tables.push import SubscriptionTable
from models.tables.sources import SourceTable


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
    parent_id: str | None
    """The source it was derived from."""
    secret: str | None
    """Sealed (`collectors.vault`)."""
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
    delays: Sequence[int]
    pushed_until: datetime | None
    live_until: datetime | None
    live_since: datetime | None
    live_error: str | None
    created_at: datetime

    @property
    def is_registered(self) -> bool:
        """Whether somebody wanted this very source: no other leads to it, no stranger named it."""
        return self.parent_id is None and self.kind != MENTION


FORMERLY = "formerly"
"""Option: the addresses a source had before it moved; course files go on naming them."""

COLUMNS = [
    getattr(SourceTable, name) for name in SourceRow.__dataclass_fields__ if name not in {"course"}
]


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
    parent_id: str | None = None,
    secret: str | None = None,
    from_file: bool = False,
) -> str:
    """Registers a source, due at once; returns its id.

    Raises `Conflict` where the course has it already, or its owner opted out. One that was removed
    comes back, with its id.
    """
    if barred.is_barred(session, url):
        raise Conflict("whoever publishes there asked not to be collected: it cannot be added")
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
        **({"parent_id": parent_id} if parent_id else {}),
        **({"secret": secret} if secret else {}),
    }
    known = session.execute(
        select(SourceTable.id, SourceTable.state, SourceTable.cursor).where(
            SourceTable.course_id == course_id,
            SourceTable.kind == kind,
            SourceTable.url_key == url_key,
        )
    ).first()
    if known is not None and known.state != SourceState.REMOVED:
        raise Conflict(f"this source is registered already, as {known.id}")
    if known is not None:
        _set(session, course_id, known.id, {**chosen, **forgotten(known.cursor)})
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
                delays=[],
                **chosen,
            )
        )
    reschedule(session, [host])
    touch_course(session, course_id, now)
    return source_id


def derive(
    session: Session, parent: SourceRow, derived: Collection[Derived], now: datetime
) -> None:
    """Registers what a source leads to, unless the course has it already in whatever state."""
    for item in derived:
        known = find(session, parent.course_id, item.kind, item.url) is not None
        if not (known or barred.is_barred(session, item.url)):
            add(
                session,
                parent.course_id,
                kind=item.kind,
                url=item.url,
                now=now,
                match=item.match,
                participant_id=parent.participant_id,
                options=item.options,
                parent_id=parent.id,
            )


STREAMLESS: Mapping[str, Any] = {"live_token": None, "live_until": None, "live_error": None}
"""What makes whoever holds a source's stream let go of it."""
FORGET: Mapping[str, Any] = {
    "etag": None,
    "last_modified": None,
    "body_digest": None,
    "rule_digest": None,
    "cursor": {},
    **STREAMLESS,
}
"""What makes the next fetch read everything anew, and a stream begin anew."""


def forgotten(cursor: Mapping[str, Any]) -> Mapping[str, Any]:
    """`FORGET` for a source with this cursor: of what it has used up it keeps account."""
    return {**FORGET, "cursor": {SPENT: cursor[SPENT]} if SPENT in cursor else {}}


def listed(
    session: Session, *, course: str | None = None, removed: bool = False
) -> tuple[SourceRow, ...]:
    """Sources in the order they were added, of one course or of all."""
    query = (
        select(CourseTable.slug, *COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .order_by(CourseTable.slug, SourceTable.created_at, SourceTable.id)
    )
    if course is not None:
        query = query.where(CourseTable.slug == course)
    if not removed:
        query = query.where(SourceTable.state != SourceState.REMOVED.value)
    return tuple(from_row(row) for row in session.execute(query).mappings())


def from_row(row: Mapping[Any, Any]) -> SourceRow:
    """A row of `CourseTable.slug` and `COLUMNS`."""
    values = dict(row)
    values["match"] = Match(values["match"])
    values["state"] = SourceState(values["state"])
    return SourceRow(course=values.pop("slug"), **values)


def get(session: Session, source_id: str) -> SourceRow:
    """One source by its id, whatever its course. Raises `NotFound`."""
    query = (
        select(CourseTable.slug, *COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.id == source_id)
    )
    row = session.execute(query).mappings().first()
    if row is None:
        raise NotFound(f"there is no source {source_id}: `moocfeed source list` shows all")
    return from_row(row)


def at(session: Session, course_id: int, source_id: str) -> SourceRow | None:
    """One source of a course, or None."""
    query = (
        select(CourseTable.slug, *COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.course_id == course_id, SourceTable.id == source_id)
    )
    row = session.execute(query).mappings().first()
    return from_row(row) if row is not None else None


def find(session: Session, course_id: int, kind: str, url: str) -> SourceRow | None:
    """The course's source of this kind at this address, removed ones too, or None."""
    query = (
        select(CourseTable.slug, *COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(
            SourceTable.course_id == course_id,
            SourceTable.kind == kind,
            SourceTable.url_key == key_of_url(url),
        )
    )
    row = session.execute(query).mappings().first()
    return from_row(row) if row is not None else None


def find_registered(session: Session, course_id: int, kind: str, url: str) -> SourceRow | None:
    """As `find`, and also one that was registered under this address and has moved since."""
    known = find(session, course_id, kind, url)
    if known is not None:
        return known
    moved = session.execute(
        select(SourceTable.id, SourceTable.options).where(
            SourceTable.course_id == course_id, SourceTable.kind == kind
        )
    )
    wanted = key_of_url(url)
    for row in moved:
        if wanted in map(key_of_url, row.options.get(FORMERLY, ())):
            return get(session, row.id)
    return None


def change(session: Session, source: SourceRow, values: Mapping[str, Any]) -> None:
    """Sets columns of a source; where they decide what matches, the caller adds `forgotten`."""
    _set(session, source.course_id, source.id, values)


def equip(
    session: Session,
    source: SourceRow,
    *,
    secret: str | None,
    options: Mapping[str, Any],
    now: datetime,
) -> None:
    """Gives a source a (sealed) secret, unless None, and further options; it is due at once."""
    values = {
        **forgotten(source.cursor),
        "options": {**source.options, **options},
        **({"secret": secret} if secret else {}),
    }
    change(session, source, values)
    set_state(session, source, SourceState.ACTIVE, reason=None, now=now)


def move(session: Session, source: SourceRow, url: str, now: datetime) -> None:
    """Takes over the address that permanent redirects lead to, unless another source of the course
    has it already.
    """
    known = find(session, source.course_id, source.kind, url)
    if known is not None and known.id != source.id:
        return
    host = host_key(url)
    ensure_host(session, host)
    former = [*source.options.get(FORMERLY, ()), source.url]
    values = {"url": url, "url_key": key_of_url(url), "moving_to": None, "moves_seen": 0}
    options = {**source.options, FORMERLY: former}
    change(session, source, {**values, "host": host, "options": options})
    reschedule(session, [host])
    touch_course(session, source.course_id, now)


def touch_course(session: Session, course_id: int, now: datetime) -> None:
    """Says that what is shown of a course beside its posts has changed (settings, sources)."""
    session.execute(
        update(CourseTable)
        .where(CourseTable.id == course_id)
        .values(updated_at=now)
        .execution_options(synchronize_session=False)
    )


def active(session: Session, ids: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the sources (course id, source id) that are active, locked until the transaction
    ends.
    """
    return {
        (course_id, source_id)
        for course_id in sorted({course_id for course_id, _ in ids})
        for source_id in session.scalars(
            select(SourceTable.id)
            .where(
                SourceTable.course_id == course_id,
                among(session, SourceTable.id, [id_ for at, id_ in ids if at == course_id]),
                SourceTable.state == SourceState.ACTIVE.value,
            )
            .order_by(SourceTable.id)
            .with_for_update()
        )
    }


def set_state(
    session: Session, source: SourceRow, state: SourceState, *, reason: str | None, now: datetime
) -> None:
    """Pauses, resumes or removes, with all that was derived from it.

    A source that becomes active is due at once.
    """
    children = _children(session, source)
    hosts = sorted({source.host, *(child.host for child in children)})
    lock_hosts(session, hosts)  # in the order collectors lock: the hosts, then the sources
    active = state is SourceState.ACTIVE
    values: dict[str, Any] = {
        "state": state.value,
        "state_reason": reason,
        "due_at": now if active else None,
    }
    if active:
        values |= {"failures": 0, "failing_since": None}
    if state is SourceState.REMOVED:
        values["secret"] = None
    if not active:
        values |= {**STREAMLESS, "live_since": None}
    for source_id in (source.id, *(child.id for child in children)):
        _set(session, source.course_id, source_id, values)
        _subscribe(session, source.course_id, source_id, state, now)
        if state is SourceState.REMOVED:
            _forget_past(session, source.course_id, source_id)
    reschedule(session, hosts)
    touch_course(session, source.course_id, now)


def _subscribe(
    session: Session, course_id: int, source_id: str, state: SourceState, now: datetime
) -> None:
    """A hub is told when what it delivers is no longer wanted, or is again."""
    wanted = "asked" if state is SourceState.ACTIVE else "ending"
    session.execute(
        update(SubscriptionTable)
        .where(SubscriptionTable.course_id == course_id, SubscriptionTable.source_id == source_id)
        .values(state=wanted, due_at=now, failures=0)
        .execution_options(synchronize_session=False)
    )


def _forget_past(session: Session, course_id: int, source_id: str) -> None:
    """If it comes back, its older posts are to be fetched anew."""
    session.execute(
        delete(BackfillTable)
        .where(BackfillTable.course_id == course_id, BackfillTable.source_id == source_id)
        .execution_options(synchronize_session=False)
    )


def _children(session: Session, source: SourceRow) -> Sequence[Row[str, str]]:
    return session.execute(
        select(SourceTable.id, SourceTable.host).where(
            SourceTable.course_id == source.course_id, SourceTable.parent_id == source.id
        )
    ).all()


def _set(session: Session, course_id: int, source_id: str, values: Mapping[str, Any]) -> None:
    session.execute(
        update(SourceTable)
        .where(SourceTable.course_id == course_id, SourceTable.id == source_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def spec(source: SourceRow, course: Course, *, participant_name: str | None = None) -> SourceSpec:
    """The source as its collector sees it, with the course's rule."""
    begins, ends = course.starts_at(), course.ends_at()
    starts = begins or source.created_at - REACH_WITHOUT_WEEKS
    rule = Rule(
        hashtags=tuple(match_key(tag) for tag in course.hashtags),
        spelled=course.hashtags,
        match=source.match,
        language=course.language,
        registered_only=course.consent == "registered",
        participant_registered=source.participant_id is not None,
        since=starts.timestamp(),
        backfilled=source.options.get(BACKFILLED),
        taught=(begins.timestamp(), ends.timestamp()) if begins and ends else None,
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
    """Of all that decides what becomes of an entry: when it changes, everything is read anew."""
    return digest(
        *rule.hashtags,
        rule.match,
        str(rule.registered_only),
        str(rule.participant_registered),
        str(PROFILE),
    )


def participant_names(session: Session, course_id: int) -> Mapping[str, str]:
    """Id -> name of a course's participants."""
    rows = session.execute(
        select(ParticipantTable.id, ParticipantTable.name).where(
            ParticipantTable.course_id == course_id
        )
    )
    return {row.id: row.name for row in rows}
