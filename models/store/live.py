"""Who holds a source's stream, and whether it is up. One collector at a time holds one.

As with hosts (`models.store.leases`), a lease is a token and an end; a collector has one token for
all the streams it holds.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from models.domain.source import SourceState
from models.store import checks, sources
from models.store.leases import LEASE, lock_hosts, reschedule
from models.store.sources import COLUMNS, STREAMLESS, SourceRow, from_row
from models.tables.courses import CourseTable
from models.tables.sources import SourceTable

MOST = 20
"""Streams taken at once: the next look takes more."""


def take(
    session: Session, token: str, kinds: Collection[str], now: datetime
) -> Sequence[SourceRow]:
    """Leases streams that nobody holds, of active sources of these kinds that have a secret.

    Where one was up until its holder vanished, its source is due at once.
    """
    found = _unheld(session, kinds, now)
    lock_hosts(session, {row.host for row in found if row.live_since})
    taken = [row for row in found if _lease(session, row, token, now)]
    for row in taken:
        if row.live_since:
            sources.change(session, row, _broken(now))
    reschedule(session, {row.host for row in taken if row.live_since})
    return taken


def _unheld(session: Session, kinds: Collection[str], now: datetime) -> Sequence[SourceRow]:
    query = (
        select(CourseTable.slug, *COLUMNS)
        .join(CourseTable, CourseTable.id == SourceTable.course_id)
        .where(SourceTable.kind.in_(kinds), *_takeable(now))
        .order_by(SourceTable.course_id, SourceTable.id)
        .limit(MOST)
    )
    return [from_row(row) for row in session.execute(query).mappings()]


def _lease(session: Session, source: SourceRow, token: str, now: datetime) -> bool:
    """Whether it could still be had."""
    taken = session.execute(
        update(SourceTable)
        .where(
            SourceTable.course_id == source.course_id,
            SourceTable.id == source.id,
            *_takeable(now),
        )
        .values(live_token=token, live_until=now + LEASE)
        .returning(SourceTable.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _takeable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        SourceTable.state == SourceState.ACTIVE.value,
        SourceTable.secret.is_not(None),
        _free(now),
    )


def _free(now: datetime) -> ColumnElement[bool]:
    """Not leased. An end further ahead than any lease reaches was set before a clock went back."""
    return or_(
        SourceTable.live_until.is_(None),
        SourceTable.live_until <= now,
        SourceTable.live_until > now + 2 * LEASE,
    )


def _broken(now: datetime) -> dict[str, Any]:
    return {"live_since": None, "due_at": now}


def renew(session: Session, token: str, now: datetime) -> set[tuple[int, str]]:
    """Lengthens the leases under a token; the sources (course id, id) that it still has."""
    rows = session.execute(
        update(SourceTable)
        .where(SourceTable.live_token == token)
        .values(live_until=now + LEASE)
        .returning(SourceTable.course_id, SourceTable.id)
        .execution_options(synchronize_session=False)
    )
    return {(row.course_id, row.id) for row in rows}


def holds(session: Session, source: SourceRow, token: str) -> bool:
    """Whether the token still holds the source's stream, which it then does until the
    transaction ends.
    """
    found = session.scalar(
        select(SourceTable.live_token)
        .where(SourceTable.course_id == source.course_id, SourceTable.id == source.id)
        .with_for_update()
    )
    return found == token


def up(session: Session, source: SourceRow, now: datetime) -> None:
    """The stream is up: one poll closes the gap before it, with checks of the newest posts."""
    sources.change(session, source, {"live_since": now, "live_error": None, "due_at": now})
    checks.hasten(session, source.course_id, source.id, now)
    reschedule(session, [source.host])


def down(session: Session, source: SourceRow, now: datetime, *, error: str | None) -> None:
    """The stream is down: polls go on at once where it was up. `error` is what a person has to
    mend, or None.
    """
    row = sources.get(session, source.id)
    broken = _broken(now) if row.live_since and row.due_at else {}
    sources.change(session, source, {**broken, "live_error": error})
    reschedule(session, [row.host])


def release(session: Session, source: SourceRow, now: datetime) -> None:
    """Gives a stream back; another collector may open it at once."""
    down(session, source, now, error=sources.get(session, source.id).live_error)
    kept = {name: value for name, value in STREAMLESS.items() if name != "live_error"}
    sources.change(session, source, kept)
