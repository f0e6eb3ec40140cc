"""Leases on hosts: any number of collectors, one at a time on each host.

A lease is a token and an end. Who holds it renews it by the token; a lease that ran out is taken
over, and the late holder's results are discarded because its token no longer fits.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.store.among import among, is_sqlite
from models.store.ids import new_token
from models.tables.sources import HostTable, SourceTable

LEASE = timedelta(seconds=20)
"""How soon a dead collector's hosts are free again; a living one renews every few seconds."""
LONGEST_REST = 24 * 3600.0
"""Seconds a whole host rests at the most because one of its sources was told to wait."""

Claim = tuple[str, str]
"""A host and the token it is leased by."""


def ensure_host(session: Session, host: str) -> None:
    """Makes the host's row, unless it is there. Comes before the source that refers to it."""
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    session.execute(insert(HostTable).values(host=host).on_conflict_do_nothing())


def lock_hosts(session: Session, hosts: Collection[str]) -> None:
    """Locks the hosts' rows until the transaction ends, leases or not."""
    if is_sqlite(session):
        return  # which has one writer
    session.execute(
        select(HostTable.host)
        .where(among(session, HostTable.host, hosts))
        .order_by(HostTable.host)
        .with_for_update()
    )


def free(now: datetime) -> ColumnElement[bool]:
    """Not leased. An end further ahead than any lease reaches was set before a clock went back."""
    return or_(
        HostTable.lease_until.is_(None),
        HostTable.lease_until <= now,
        HostTable.lease_until > now + 2 * LEASE,
    )


def _awake(now: datetime) -> ColumnElement[bool]:
    """Not told to rest (`wait_until`)."""
    return or_(HostTable.not_before.is_(None), HostTable.not_before <= now)


def rests_until(session: Session, host: str, now: datetime) -> datetime | None:
    """Until when a host is to be left alone; None where it may be asked."""
    return session.scalar(select(HostTable.not_before).where(HostTable.host == host, ~_awake(now)))


def claim(
    session: Session,
    now: datetime,
    *,
    slots: int,
    due_by: datetime | None = None,
    hosts: Collection[str] | None = None,
) -> list[Claim]:
    """Leases up to `slots` hosts that have sources due by `due_by` (`now` by default).

    `hosts` narrows them.
    """
    token = new_token()
    wanted = (
        select(HostTable.host)
        .where(
            HostTable.due_at <= (due_by or now),
            free(now),
            _awake(now),
        )
        .order_by(HostTable.due_at)
        .limit(slots)
        .with_for_update(skip_locked=True)
    )
    if hosts is not None:
        wanted = wanted.where(among(session, HostTable.host, hosts))
    taken = session.execute(
        update(HostTable)
        .where(HostTable.host.in_(wanted.scalar_subquery()))
        .values(lease_token=token, lease_until=now + LEASE)
        .returning(HostTable.host)
        .execution_options(synchronize_session=False)
    )
    return [(host, token) for host in taken.scalars()]


def outstanding(session: Session, now: datetime, due_by: datetime) -> Sequence[str]:
    """Hosts with sources due by `due_by` that may be asked, now or once another collector, alive
    or dead, has them no longer.
    """
    return session.scalars(
        select(HostTable.host).where(HostTable.due_at <= due_by, _awake(now))
    ).all()


def take(session: Session, host: str, now: datetime) -> str | None:
    """Leases one host for a redirect that leads to it. None while another holds it or it rests."""
    ensure_host(session, host)
    token = new_token()
    # A row that another transaction has locked is leased already, or will be.
    wanted = (
        select(HostTable.host)
        .where(HostTable.host == host, free(now), _awake(now))
        .with_for_update(skip_locked=True)
    )
    taken = session.execute(
        update(HostTable)
        .where(HostTable.host.in_(wanted.scalar_subquery()))
        .values(lease_token=token, lease_until=now + LEASE)
        .returning(HostTable.host)
        .execution_options(synchronize_session=False)
    )
    return token if taken.first() is not None else None


def renew(session: Session, claims: Collection[Claim], now: datetime) -> set[Claim]:
    """Lengthens leases, and says which still hold: those that are another's by now, or nobody's,
    stay so.
    """
    renewed = session.execute(
        update(HostTable)
        .where(_claimed(session, claims))
        .values(lease_until=now + LEASE)
        .returning(HostTable.host, HostTable.lease_token)
        .execution_options(synchronize_session=False)
    )
    return _claims(renewed) & set(claims)


def held(session: Session, claims: Collection[Claim]) -> set[Claim]:
    """Those of the claims that still hold, locked until the transaction ends."""
    rows = session.execute(
        select(HostTable.host, HostTable.lease_token)
        .where(among(session, HostTable.host, {host for host, _ in claims}))
        .order_by(HostTable.host)
        .with_for_update()
    )
    return _claims(rows) & set(claims)


def release(session: Session, claims: Collection[Claim]) -> None:
    """Ends leases, and sets when their hosts are due next by their sources."""
    # Beforehand: an update that waits for a host's row would not see the sources added meanwhile.
    lock_hosts(session, {host for host, _ in claims})
    session.execute(
        update(HostTable)
        .where(_claimed(session, claims))
        .values(lease_token=None, lease_until=None, due_at=_earliest())
        .execution_options(synchronize_session=False)
    )


def _claimed(session: Session, claims: Collection[Claim]) -> ColumnElement[bool]:
    """A token is one claim's, so host and token need not be compared in pairs."""
    return and_(
        among(session, HostTable.host, {host for host, _ in claims}),
        among(session, HostTable.lease_token, {token for _, token in claims}),
    )


def _claims(rows: Iterable[Row[str, str | None]]) -> set[Claim]:
    return {(host, token) for host, token in rows if token is not None}


def reschedule(session: Session, hosts: Collection[str]) -> None:
    """Sets when hosts are due by their sources, leaving any lease as it is."""
    lock_hosts(session, hosts)  # as in `release`
    session.execute(
        update(HostTable)
        .where(among(session, HostTable.host, hosts))
        .values(due_at=_earliest())
        .execution_options(synchronize_session=False)
    )


def wait_until(session: Session, host: str, moment: datetime) -> None:
    """No request to this host before `moment` (429, 503), whatever its sources' times."""
    session.execute(
        update(HostTable)
        .where(HostTable.host == host)
        .values(not_before=moment)
        .execution_options(synchronize_session=False)
    )


def _earliest() -> ColumnElement[datetime | None]:
    return (
        select(func.min(SourceTable.due_at))
        .where(SourceTable.host == HostTable.host)
        .correlate(HostTable)
        .scalar_subquery()
    )
