"""Tries to log in, counted for all processes together: by user name and by address."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.domain.tries import WITHIN, free_at, origin, recent
from models.store.among import is_sqlite
from models.store.barred import hashed
from models.tables.users import LoginTriesTable


def begin(session: Session, name: str, host: str, now: datetime) -> datetime | None:
    """Counts a try for this user name from this address, before the password is looked at.

    None: it may go on. Else the moment from which on one may; the try is not counted then, so that
    who waits gets in. `session` writes; the rows are locked until it commits.
    """
    known = {key: _locked(session, key, now) for key in _keys(session, name, host)}
    waits = [at for tries in known.values() if (at := free_at(tries, now)) is not None]
    if waits:
        return max(waits)
    for key, tries in known.items():
        _keep(session, key, [*tries, now], now)
    return None


def succeeded(session: Session, name: str, host: str, at: datetime) -> None:
    """The try that began at `at` was right: it does not count, nor do the user's earlier ones."""
    by_name, by_host = _key(session, "user", name), _key(session, "address", origin(host))
    for key in sorted((by_name, by_host)):
        tries = _locked(session, key, at)
        _keep(session, key, [] if key == by_name else _without(tries, at), at)


def prune(session: Session, now: datetime) -> None:
    """Deletes what no longer counts."""
    session.execute(delete(LoginTriesTable).where(LoginTriesTable.until <= now))


def _without(tries: list[datetime], at: datetime) -> list[datetime]:
    return [*tries[: tries.index(at)], *tries[tries.index(at) + 1 :]] if at in tries else tries


def _keys(session: Session, name: str, host: str) -> Iterable[str]:
    """In one order for everybody: two tries at the same moment do not wait for each other."""
    return sorted((_key(session, "user", name), _key(session, "address", origin(host))))


def _key(session: Session, kind: str, text: str) -> str:
    return hashed(session, f"login {kind} {text}")


def _locked(session: Session, key: str, now: datetime) -> list[datetime]:
    """The tries that count; nobody else changes them until the transaction ends."""
    insert = sqlite.insert if is_sqlite(session) else postgresql.insert
    session.execute(
        insert(LoginTriesTable).values(key=key, tries=[], until=now).on_conflict_do_nothing()
    )
    kept = session.scalar(
        select(LoginTriesTable.tries).where(LoginTriesTable.key == key).with_for_update()
    )
    return recent([datetime.fromtimestamp(one, UTC) for one in kept or ()], now)


def _keep(session: Session, key: str, tries: list[datetime], now: datetime) -> None:
    session.execute(
        update(LoginTriesTable)
        .where(LoginTriesTable.key == key)
        .values(tries=[one.timestamp() for one in tries], until=max([now, *tries]) + WITHIN)
    )
