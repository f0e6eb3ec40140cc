"""Subscriptions at our hub, and what each of them was told of last.

Who is to be told is a comparison of two revisions, the course's and the subscription's: no queue
that could grow, nothing that is lost in a crash, and a burst of changes is one delivery.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session

from models.tables.courses import CourseTable
from models.tables.subscribers import SubscriberTable

MOST = 10_000
"""Subscriptions, in all and for each host."""
MOST_OF_HOST = 100
CLAIM = timedelta(seconds=20)
"""How long one process has a delivery: longer than any takes."""
GAP = timedelta(seconds=3)
"""Between two deliveries to a subscriber: what changes meanwhile goes together."""
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=15), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscription that has to be told. `secret` is sealed."""

    course_id: int
    id: str
    topic: str
    callback: str
    host: str
    secret: str | None
    digest: str | None
    due_at: datetime
    """Tells which claim this is."""
    failures: int


_COLUMNS = [getattr(SubscriberTable, name) for name in Subscriber.__dataclass_fields__]


def subscribed(
    session: Session,
    course_id: int,
    id_: str,
    *,
    topic: str,
    callback: str,
    host: str,
    secret: str | None,
    lease: timedelta,
    now: datetime,
) -> None:
    """Begins a subscription, or goes on with it: it is told of what changes from now on."""
    known = session.get(SubscriberTable, (course_id, id_))
    if known is not None:
        known.secret, known.lease_until, known.failures, known.due_at = secret, now + lease, 0, now
        session.flush()
        return
    revision = session.scalar(select(CourseTable.revision).where(CourseTable.id == course_id))
    session.add(
        SubscriberTable(
            course_id=course_id,
            id=id_,
            topic=topic,
            callback=callback,
            host=host,
            secret=secret,
            lease_until=now + lease,
            revision=revision or 0,
            digest=None,
            due_at=now,
            failures=0,
        )
    )
    session.flush()


def ended(session: Session, course_id: int, id_: str) -> None:
    """There is no such subscription any more."""
    session.execute(
        delete(SubscriberTable)
        .where(*_is(course_id, id_))
        .execution_options(synchronize_session=False)
    )


def is_full(session: Session, course_id: int, id_: str, host: str, now: datetime) -> bool:
    """Whether there is no room for one more; one that exists may always go on."""
    if session.get(SubscriberTable, (course_id, id_)) is not None:
        return False
    running = select(func.count()).where(SubscriberTable.lease_until > now)
    of_host = session.scalar(running.where(SubscriberTable.host == host)) or 0
    return of_host >= MOST_OF_HOST or (session.scalar(running) or 0) >= MOST


def is_due(session: Session, now: datetime) -> bool:
    """Whether anybody is to be told."""
    return session.execute(_due(now).limit(1)).first() is not None


def claim(
    session: Session, now: datetime, *, most: int, most_failing: int, busy: Collection[str]
) -> Sequence[Subscriber]:
    """Who is to be told now, one for each host that is not `busy`: none other gets them for a
    while. Those who answered last time come first, of all others `most_failing`.
    """
    rows = session.execute(
        _due(now)
        .where(SubscriberTable.host.not_in(busy))
        .order_by(SubscriberTable.failures > 0, SubscriberTable.due_at)
        .limit(most * MOST_OF_HOST)
        .with_for_update(skip_locked=True, of=SubscriberTable)
    ).all()
    by_host: dict[str, Subscriber] = {}
    failing = 0
    for one in (Subscriber(*row) for row in rows):
        if one.host in by_host or len(by_host) == most:
            continue
        failing += one.failures > 0
        if one.failures == 0 or failing <= most_failing:
            by_host[one.host] = one
    for one in by_host.values():
        _set(session, one, due_at=now + CLAIM)
    return [replace(one, due_at=now + CLAIM) for one in by_host.values()]


def _due(now: datetime) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(CourseTable, CourseTable.id == SubscriberTable.course_id)
        .where(
            SubscriberTable.revision < CourseTable.revision,
            SubscriberTable.due_at <= now,
            SubscriberTable.lease_until > now,
        )
    )


def told(session: Session, one: Subscriber, revision: int, digest: str, now: datetime) -> None:
    """The subscriber has the document of this revision."""
    _set(session, one, revision=revision, digest=digest, due_at=now + GAP, failures=0)


def failed(session: Session, one: Subscriber, now: datetime) -> None:
    """The subscriber could not be told: again later, in growing gaps, as long as it has a lease."""
    wait = min(FIRST_RETRY * 2.0 ** min(one.failures, 20), LONGEST_RETRY)
    _set(session, one, due_at=now + wait, failures=min(one.failures + 1, 1000))


def prune(session: Session, now: datetime) -> None:
    """Deletes subscriptions whose lease is over."""
    session.execute(delete(SubscriberTable).where(SubscriberTable.lease_until <= now))


def _set(session: Session, one: Subscriber, **values: object) -> None:
    """Only while the claim holds: another process may have taken it over."""
    session.execute(
        update(SubscriberTable)
        .where(*_is(one.course_id, one.id), SubscriberTable.due_at == one.due_at)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _is(course_id: int, id_: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SubscriberTable.course_id == course_id, SubscriberTable.id == id_
