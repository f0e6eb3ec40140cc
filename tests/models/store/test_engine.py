"""Sessions: how transactions begin, what they see, what they wait for."""

from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import StatementError

from models.store import engine, schema
from models.store.engine import Database, open_database, ping
from models.tables.base import rows_of
from models.tables.courses import CourseTable
from models.tables.sources import HostTable
from tests.databases import hash_key, opened, sqlite_url
from tests.models.store.material import AT, Stage
from tests.models.store.plans import watching
from tests.models.store.threads import at_once

THREADS = 8
ROUNDS = 25


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    url = sqlite_url(tmp_path)
    with opened(url) as database:
        schema.migrate(database)
    return url


def test_sqlite_is_set_up_for_readers_beside_a_writer(sqlite: str) -> None:
    wanted = {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 1,
        "secure_delete": 1,
        "temp_store": 2,
        "busy_timeout": engine.LOCK_TIMEOUT * 1000,
    }
    with opened(sqlite) as database:
        for sessions in (database.reading, database.writing):
            with sessions() as session:
                found = {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted}
            assert found == wanted


def test_reading_is_deferred_and_writing_immediate(sqlite: str) -> None:
    with opened(sqlite) as database:
        with watching(database) as seen:
            with database.reading() as session:
                ping(session)
            with database.writing() as session:
                ping(session)
        assert [said for said in seen.texts if said.startswith("BEGIN")] == [
            "BEGIN",
            "BEGIN IMMEDIATE",
        ]


def test_postgresql_is_set_up_for_readers_who_ask_for_rare_and_frequent(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL's own")
    names = ("TimeZone", "transaction_isolation", "plan_cache_mode")
    found = []
    for sessions in (database.reading, database.writing):
        with sessions() as session:
            found.append([session.scalar(text(f"SHOW {name}")) for name in names])
    assert found == [
        ["UTC", "repeatable read", "force_custom_plan"],
        ["UTC", "read committed", "auto"],
    ]


def test_a_reader_goes_on_beside_a_writer(database: Database) -> None:
    stage = Stage(database)
    with database.writing() as session:
        session.execute(update(CourseTable).values(title="Anders"))
        with database.reading() as reader:
            assert reader.scalar(select(CourseTable.title)) == stage.course.title
    assert stage.row.course.title == "Anders"


def test_a_reader_sees_one_moment(database: Database) -> None:
    Stage(database)
    with database.reading() as reader:
        before = reader.scalar(select(CourseTable.revision))
        with database.writing() as session:
            session.execute(update(CourseTable).values(revision=CourseTable.revision + 1))
        assert reader.scalar(select(CourseTable.revision)) == before
    with database.reading() as reader:
        assert reader.scalar(select(CourseTable.revision)) == 1


def test_nothing_of_a_reader_is_kept(database: Database) -> None:
    with database.reading() as session:
        session.execute(insert(rows_of(HostTable)).values(host="a.example"))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HostTable)) == 0


def test_a_failed_writer_leaves_nothing(database: Database) -> None:
    with pytest.raises(LookupError), database.writing() as session:  # noqa: PT012
        session.execute(insert(rows_of(HostTable)).values(host="a.example"))
        raise LookupError
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HostTable)) == 0


@pytest.mark.parametrize(
    "moment",
    [
        AT,
        datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 29, 0, 59, tzinfo=timezone(timedelta(hours=-11))),
        datetime(1990, 1, 1, tzinfo=UTC),
    ],
)
def test_times_come_back_as_they_went(database: Database, moment: datetime) -> None:
    with database.writing() as session:
        session.execute(insert(rows_of(HostTable)).values(host="a.example", due_at=moment))
    with database.reading() as session:
        found = session.scalar(select(HostTable.due_at).where(HostTable.due_at == moment))
    assert found == moment
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(StatementError, match="naive"), database.writing() as session:
        session.execute(insert(rows_of(HostTable)).values(host="a.example", due_at=naive))


def test_many_who_read_and_then_write_only_wait(database: Database) -> None:
    """On SQLite a deferred transaction would fail at once: "database is locked"."""
    with database.writing() as session:
        session.execute(insert(rows_of(HostTable)).values(host="a.example", due_at=AT))
    at_once(*[partial(_postpone, database)] * THREADS)
    with database.reading() as session:
        due = session.scalar(select(HostTable.due_at))
    assert due == AT + timedelta(seconds=THREADS * ROUNDS)


def _postpone(database: Database) -> None:
    for _ in range(ROUNDS):
        with database.writing() as session:
            due = session.scalar(select(HostTable.due_at).with_for_update())
            assert due is not None
            session.execute(
                update(HostTable).values(due_at=due + timedelta(seconds=1)),
                execution_options={"synchronize_session": False},
            )


def test_opening_connects_to_nothing(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path), key=hash_key)
    assert not list(tmp_path.iterdir())
    database.dispose()
