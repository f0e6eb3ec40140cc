"""Handlers of the writer for streams: leases, ups and downs, what events bring.

Each but the leases themselves checks first that the stream is still ours.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.store import coverage, intake, leases, live, locking, sources
from models.store.intake import Answer
from models.store.sources import SourceRow
from models.store.touched import Counts


class StreamLost(Exception):
    """Another collector has the source's stream, or it is to be opened anew."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a stream, or came over it."""

    source: SourceRow
    token: str
    now: datetime
    answer: Answer | None = None
    error: str | None = None


def take(
    session: Session, items: Sequence[tuple[str, Collection[str], datetime]]
) -> list[Sequence[SourceRow]]:
    """Leases streams, by token, of sources of some kinds."""
    return [live.take(session, token, kinds, now) for token, kinds, now in items]


def renew(session: Session, items: Sequence[tuple[str, datetime]]) -> list[set[tuple[int, str]]]:
    """Lengthens leases; says which still hold."""
    return [live.renew(session, token, now) for token, now in items]


def up(session: Session, items: Sequence[Told]) -> list[None]:
    """Raises `StreamLost`."""
    _lock(session, items, courses=True)
    for item in items:
        _require(session, item)
        live.up(session, item.source, item.now)
    return [None] * len(items)


def down(session: Session, items: Sequence[Told]) -> list[None]:
    """Raises `StreamLost`."""
    _lock(session, items)
    for item in items:
        _require(session, item)
        live.down(session, item.source, item.now, error=item.error)
    return [None] * len(items)


def release(session: Session, items: Sequence[Told]) -> list[None]:
    """Gives streams back, as far as they are ours."""
    _lock(session, items)
    for item in items:
        if live.holds(session, item.source, item.token):
            live.release(session, item.source, item.now)
    return [None] * len(items)


def changes(session: Session, items: Sequence[Told]) -> list[Counts]:
    """Takes in what came. Raises `StreamLost`.

    The source's cursor stays where it is: the polls read everything once more.
    """
    _lock(session, items, courses=True)
    return [_take_in(session, item) for item in items]


def _take_in(session: Session, item: Told) -> Counts:
    _require(session, item)
    assert item.answer is not None
    counts = intake.take_in(session, item.answer, item.now)
    coverage.observe(session, item.source, item.answer, item.now)
    if counts.new:
        sources.change(session, item.source, {"last_new_at": item.now})
    return counts


def _lock(session: Session, items: Sequence[Told], *, courses: bool = False) -> None:
    """In the order in which answers are stored: hosts, courses, then the sources."""
    leases.lock_hosts(session, {item.source.host for item in items})
    if courses:
        for course_id in sorted({item.source.course_id for item in items}):
            locking.lock_course(session, course_id)


def _require(session: Session, item: Told) -> None:
    if not live.holds(session, item.source, item.token):
        raise StreamLost(item.source.id)
