"""Commands and collectors lock rows in one order, so that neither waits for the other in a circle.

On PostgreSQL only: SQLite has one writer anyway.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.domain.course import Course
from models.domain.coursefile import CourseFile, SourceEntry
from models.domain.source import Match, SourceState
from models.store import applying, leases, locking, sources
from models.store.engine import Database
from models.store.sources import SourceRow
from models.tables.sources import HostTable

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
URL = "https://blog.example/feed"


def file(match: Match) -> CourseFile:
    return CourseFile(
        Course("sample", f"A course ({match})", ("sample",)), (SourceEntry("feed", URL, match),)
    )


@pytest.fixture
def source(database: Database) -> SourceRow:
    with database.writing() as session:
        applying.apply(session, file(Match.HASHTAG), NOW)
        (row,) = sources.listed(session)
    return row


def apply(session: Session, source: SourceRow) -> None:
    applying.apply(session, file(Match.ALL), NOW)


def stop(session: Session, source: SourceRow) -> None:
    sources.set_state(session, source, SourceState.PAUSED, reason=None, now=NOW)


def wait_until_blocked(database: Database, pid: int) -> None:
    """Until that backend waits for a lock."""
    query = text("SELECT cardinality(pg_blocking_pids(:pid))")
    for _ in range(1000):
        with database.reading() as session:
            if session.scalar(query, {"pid": pid}):
                return
        time.sleep(0.01)
    raise AssertionError("it waits for nothing")


@pytest.mark.parametrize("command", [apply, stop])
def test_a_command_waits_for_an_outcome_that_is_being_stored(
    database: Database, source: SourceRow, command: Callable[[Session, SourceRow], None]
) -> None:
    pids: list[int] = []

    def run() -> None:
        with database.writing() as session:
            pids.append(session.scalar(text("SELECT pg_backend_pid()")) or 0)
            command(session, source)

    with ThreadPoolExecutor(1) as threads, database.writing() as session:
        claim = source.host, leases.take(session, source.host, NOW) or ""
        assert leases.held(session, [claim])
        commanded = threads.submit(run)
        while not pids:
            time.sleep(0.001)
        wait_until_blocked(database, pids[0])
        # As the collector goes on: a deadlock would end one of the two here.
        assert sources.active(session, [(source.course_id, source.id)])
        locking.lock_course(session, source.course_id)
        sources.change(session, source, {"due_at": NOW})
        session.commit()
        commanded.result()


@pytest.mark.parametrize("act", ["release", "reschedule"])
def test_a_host_is_due_by_sources_added_while_one_waits_for_it(
    database: Database, source: SourceRow, act: str
) -> None:
    """Who waits for a row sees it as it is then, but other tables as they were before."""
    claim = source.host, ""
    with database.writing() as session:
        sources.change(session, source, {"due_at": NOW + timedelta(days=1)})
        leases.reschedule(session, [source.host])
        if act == "release":
            claim = source.host, leases.take(session, source.host, NOW) or ""
    pids: list[int] = []

    def run() -> None:
        with database.writing() as session:
            pids.append(session.scalar(text("SELECT pg_backend_pid()")) or 0)
            if act == "release":
                leases.release(session, [claim])
            else:
                leases.reschedule(session, [source.host])

    with ThreadPoolExecutor(1) as threads, database.writing() as session:
        sources.add(session, source.course_id, kind="feed", url=f"{URL}/2", now=NOW)
        waiting = threads.submit(run)
        while not pids:
            time.sleep(0.001)
        wait_until_blocked(database, pids[0])
        session.commit()
        waiting.result()
    with database.reading() as session:
        assert session.scalar(select(HostTable.due_at)) == NOW
