"""What was asked of our hub, until whoever is meant to have asked confirms it.

Nothing a stranger asks for changes a subscription before that (section 5.3 of WebSub).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from models.domain.errors import Conflict
from models.domain.identity import digest
from models.domain.links import host_key
from models.store import subscribers
from models.tables.subscribers import IntentTable

MOST = 1000
"""Requests that may wait, in all and for each host; a flood of them ends there."""
MOST_OF_HOST = 20
CLAIM = timedelta(seconds=20)
"""How long one process has what it took to verify."""
AGAIN_AFTER = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
"""After each attempt that met nobody; then it is forgotten."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A request. `secret` is sealed; `due_at` of a claimed one tells who has it."""

    course_id: int
    id: str
    mode: str
    topic: str
    callback: str
    host: str
    secret: str | None
    lease_seconds: int
    due_at: datetime
    attempts: int


_COLUMNS = [getattr(IntentTable, name) for name in Intent.__dataclass_fields__]


def asked(
    session: Session,
    course_id: int,
    *,
    mode: str,
    topic: str,
    callback: str,
    secret: str | None,
    lease_seconds: int,
    now: datetime,
) -> None:
    """Keeps a request to be verified, in place of an earlier one. Raises `Conflict` in a flood."""
    id_, host = digest(topic, callback), host_key(callback)
    if session.get(IntentTable, (course_id, id_)) is None:
        _make_sure_there_is_room(session, host)
    session.merge(
        IntentTable(
            course_id=course_id,
            id=id_,
            mode=mode,
            topic=topic,
            callback=callback,
            host=host,
            secret=secret,
            lease_seconds=lease_seconds,
            due_at=now,
            attempts=0,
        )
    )
    session.flush()


def _make_sure_there_is_room(session: Session, host: str) -> None:
    waiting = select(func.count()).select_from(IntentTable)
    of_host = session.scalar(waiting.where(IntentTable.host == host)) or 0
    if of_host >= MOST_OF_HOST or (session.scalar(waiting) or 0) >= MOST:
        raise Conflict("too many requests wait to be verified")


def is_due(session: Session, now: datetime) -> bool:
    """Whether there is anything to verify."""
    return (
        session.scalar(select(IntentTable.id).where(IntentTable.due_at <= now).limit(1)) is not None
    )


def claim(session: Session, now: datetime, *, most: int, busy: Collection[str]) -> Sequence[Intent]:
    """The oldest, one for each host that is not `busy`: none other gets them for a while."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(IntentTable.due_at <= now, IntentTable.host.not_in(busy))
        .order_by(IntentTable.due_at)
        .limit(most * MOST_OF_HOST)
        .with_for_update(skip_locked=True)
    ).all()
    by_host: dict[str, Intent] = {}
    for row in rows:
        if len(by_host) < most:
            by_host.setdefault(row.host, Intent(*row))
    return [_claimed(session, one, now + CLAIM) for one in by_host.values()]


def _claimed(session: Session, one: Intent, until: datetime) -> Intent:
    session.execute(
        update(IntentTable)
        .where(IntentTable.course_id == one.course_id, IntentTable.id == one.id)
        .values(due_at=until, attempts=one.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return replace(one, due_at=until, attempts=one.attempts + 1)


def confirmed(session: Session, one: Intent, now: datetime) -> None:
    """It was meant: subscribed, or unsubscribed; denied, where there is no room for more."""
    if not dropped(session, one):
        return  # another request came meanwhile, and is verified by itself
    if one.mode == "unsubscribe":
        subscribers.ended(session, one.course_id, one.id)
    elif subscribers.is_full(session, one.course_id, one.id, one.host, now):
        deny(session, one.course_id, one.topic, one.callback, now)
    else:
        subscribers.subscribed(
            session,
            one.course_id,
            one.id,
            topic=one.topic,
            callback=one.callback,
            host=one.host,
            secret=one.secret,
            lease=timedelta(seconds=one.lease_seconds),
            now=now,
        )


def deny(session: Session, course_id: int, topic: str, callback: str, now: datetime) -> None:
    """Has the subscriber told that there is no subscription (section 5.2)."""
    session.merge(
        IntentTable(
            course_id=course_id,
            id=digest(topic, callback),
            mode="denied",
            topic=topic,
            callback=callback,
            host=host_key(callback),
            secret=None,
            lease_seconds=0,
            due_at=now,
            attempts=0,
        )
    )
    session.flush()


def unmet(session: Session, one: Intent, now: datetime) -> None:
    """Nobody answered: it is tried again, a few times."""
    if one.attempts > len(AGAIN_AFTER):
        dropped(session, one)
        return
    session.execute(
        update(IntentTable)
        .where(*_as_claimed(one))
        .values(due_at=now + AGAIN_AFTER[one.attempts - 1])
        .execution_options(synchronize_session=False)
    )


def dropped(session: Session, one: Intent) -> bool:
    """Forgets it; False where it is not the same any more."""
    gone = session.execute(
        delete(IntentTable)
        .where(*_as_claimed(one))
        .returning(IntentTable.id)
        .execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def _as_claimed(one: Intent) -> tuple[ColumnElement[bool], ...]:
    return (
        IntentTable.course_id == one.course_id,
        IntentTable.id == one.id,
        IntentTable.due_at == one.due_at,
    )
