"""WebSub subscriptions, and the inbox of what was delivered and not yet worked on.

A subscription is `asked` until the hub verifies it, then `active` until its lease ends, `denied`
where the hub refuses, `ending` while the hub is told that it is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from models.store.ids import new_post_id
from models.store.sources import SourceRow
from models.tables.base import rows_of
from models.tables.push import InboxTable, SubscriptionTable
from models.tables.sources import SourceTable

WEBSUB = "websub"
UNVERIFIED = timedelta(hours=1)
"""How long a hub may take to verify before it is asked again."""
AGAIN_AFTER_DENIAL = timedelta(days=7)
LONGEST_WAIT = timedelta(days=1)
CLAIM = timedelta(minutes=2)
"""How long one collector has what it took to work on."""
TRUST = timedelta(days=3)
"""How long after a delivery the next ones are expected to come as well."""
MOST_WAITING = 50
"""Deliveries of one source that may wait; more are refused until there is room."""
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Subscription:
    """One source's subscription. `secret` is sealed."""

    course_id: int
    source_id: str
    callback: str
    hub: str
    topic: str
    secret: str
    state: str
    failures: int
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, and has to be read."""

    id: str
    course_id: int
    source_id: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    attempts: int


_COLUMNS = [getattr(SubscriptionTable, name) for name in Subscription.__dataclass_fields__]


def offered(
    session: Session,
    source: SourceRow,
    *,
    hub: str,
    topic: str,
    callback: str,
    secret: str,
    now: datetime,
) -> None:
    """Asks for a subscription, unless there is one at this hub for this topic.

    `callback` and `secret` (sealed) are those of a new one.
    """
    known = _of(session, source.course_id, source.id)
    if known is not None and (known.hub, known.topic) == (hub, topic):
        return
    values = {"hub": hub, "topic": topic, "state": "asked", "due_at": now, "failures": 0}
    if known is not None:
        _set(session, known, **values, lease_until=None)
        return
    session.execute(
        insert(SubscriptionTable).values(
            course_id=source.course_id,
            source_id=source.id,
            callback=callback,
            secret=secret,
            **values,
        )
    )


def _of(session: Session, course_id: int, source_id: str) -> Subscription | None:
    row = session.execute(
        select(*_COLUMNS).where(
            SubscriptionTable.course_id == course_id, SubscriptionTable.source_id == source_id
        )
    ).first()
    return None if row is None else Subscription(*row)


def by_callback(session: Session, callback: str) -> Subscription | None:
    """The subscription that a hub means."""
    row = session.execute(select(*_COLUMNS).where(SubscriptionTable.callback == callback)).first()
    return None if row is None else Subscription(*row)


def claim_subscriptions(session: Session, now: datetime, *, most: int) -> Sequence[Subscription]:
    """Those whose hub is to be asked now, for one collector: none other gets them for a while."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(SubscriptionTable.due_at <= now)
        .order_by(SubscriptionTable.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    found = [Subscription(*row) for row in rows]
    for one in found:
        _set(session, one, due_at=now + CLAIM)
    return found


def hub_answered(session: Session, one: Subscription, *, accepted: bool, now: datetime) -> None:
    """The hub took the request, and will verify it; or did not, and is asked again later."""
    failures = 0 if accepted else one.failures + 1
    wait = UNVERIFIED if accepted else min(UNVERIFIED * 2.0**failures, LONGEST_WAIT)
    _set(session, one, due_at=now + wait, failures=failures)


def verified(session: Session, one: Subscription, lease: timedelta, now: datetime) -> None:
    """The hub will deliver for so long; it is asked to go on when four fifths are over."""
    _set(
        session,
        one,
        state="active",
        lease_until=now + lease,
        due_at=now + lease * 0.8,
        failures=0,
    )


def denied(session: Session, one: Subscription, now: datetime) -> None:
    """The hub refuses, or has ended it (section 5.2): polling goes on."""
    _set(session, one, state="denied", due_at=now + AGAIN_AFTER_DENIAL, lease_until=None)
    _trust(session, one, None)


def over(session: Session, source: SourceRow, now: datetime) -> None:
    """The source is not collected any more: its hub is to be told."""
    known = _of(session, source.course_id, source.id)
    if known is not None:
        _set(session, known, state="ending", due_at=now, failures=0)


def ended(session: Session, one: Subscription) -> None:
    """The hub knows that it is over."""
    session.execute(
        delete(SubscriptionTable)
        .where(
            SubscriptionTable.course_id == one.course_id,
            SubscriptionTable.source_id == one.source_id,
        )
        .execution_options(synchronize_session=False)
    )


def deliver(
    session: Session,
    one: Subscription,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> bool:
    """Keeps a genuine delivery to be worked on; False where too many wait already."""
    waiting = session.scalar(
        select(func.count()).where(
            InboxTable.source_id == one.source_id, InboxTable.course_id == one.course_id
        )
    )
    if (waiting or 0) >= MOST_WAITING:
        return False
    session.execute(
        insert(rows_of(InboxTable)),
        [
            {
                "id": new_post_id(),
                "kind": WEBSUB,
                "course_id": one.course_id,
                "source_id": one.source_id,
                "headers": dict(headers),
                "body": body,
                "received_at": now,
                "due_at": now,
                "attempts": 0,
            }
        ],
    )
    _set(session, one, delivered_at=now)
    _trust(session, one, min(now + TRUST, one.lease_until or now))
    return True


def _trust(session: Session, one: Subscription, until: datetime | None) -> None:
    session.execute(
        update(SourceTable)
        .where(SourceTable.course_id == one.course_id, SourceTable.id == one.source_id)
        .values(pushed_until=until)
        .execution_options(synchronize_session=False)
    )


def claim_deliveries(session: Session, now: datetime, *, most: int) -> Sequence[Delivery]:
    """The oldest that wait, for one collector; one that fails comes again later, a few times."""
    rows = session.execute(
        select(
            InboxTable.id,
            InboxTable.course_id,
            InboxTable.source_id,
            InboxTable.headers,
            InboxTable.body,
            InboxTable.received_at,
            InboxTable.attempts,
        )
        .where(InboxTable.due_at <= now)
        .order_by(InboxTable.received_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    found = [Delivery(*row) for row in rows]
    for one in found:
        attempts = one.attempts + 1
        session.execute(
            update(InboxTable)
            .where(InboxTable.id == one.id)
            .values(attempts=attempts, due_at=now + CLAIM * attempts)
            .execution_options(synchronize_session=False)
        )
    return found


def worked_on(session: Session, delivery_id: str) -> None:
    """It is stored, or nothing can be made of it."""
    session.execute(
        delete(InboxTable)
        .where(InboxTable.id == delivery_id)
        .execution_options(synchronize_session=False)
    )


def _set(session: Session, one: Subscription, **values: object) -> None:
    session.execute(
        update(SubscriptionTable)
        .where(
            SubscriptionTable.course_id == one.course_id,
            SubscriptionTable.source_id == one.source_id,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
