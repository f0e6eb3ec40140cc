"""Is the database away, or was the statement at fault? Asked of real errors of both."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError, TimeoutError
from sqlalchemy.orm import Session

from models.store import engine, schema
from models.store.absence import is_away
from models.store.engine import Database, open_database
from tests import databases
from tests.databases import PostgresServer, hash_key


def error_of(database: Database, statement: str, **values: object) -> SQLAlchemyError:
    with pytest.raises(SQLAlchemyError) as caught, database.writing() as session:
        session.execute(text(statement), values)
    return caught.value


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("INSERT INTO hosts (host) VALUES (NULL)", {}),
        ("SELECT nothing_of_the_kind FROM hosts", {}),
        ("SELECT * FROM no_such_table", {}),
        ("this is no statement", {}),
        ("SELECT :value", {"value": object()}),
    ],
)
def test_a_statement_at_fault(
    database: Database, statement: str, values: dict[str, object]
) -> None:
    assert not is_away(error_of(database, statement, **values))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_text_that_postgresql_cannot_hold(database: Database) -> None:
    assert not is_away(error_of(database, "SELECT CAST(:value AS text)", value="a\0b"))


def test_a_locked_sqlite_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.5)
    with databases.opened(databases.sqlite_url(tmp_path)) as database:
        schema.migrate(database)
        with database.writing() as holder:
            holder.execute(text("UPDATE hosts SET host = host"))
            assert is_away(error_of(database, "UPDATE hosts SET host = host"))


def test_a_sqlite_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with databases.opened(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'x.db'}") as database:
        assert is_away(error_of(database, "SELECT 1"))


def test_no_postgresql_at_all(tmp_path: Path) -> None:
    with databases.opened(f"postgresql+psycopg:///none?host={tmp_path}") as database:
        assert is_away(error_of(database, "SELECT 1"))


def _ended(session: Session) -> None:
    session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def _read_only(session: Session) -> None:
    session.execute(text("SET TRANSACTION READ ONLY"))
    session.execute(text("DELETE FROM hosts"))


def _waits_too_long(session: Session) -> None:
    session.execute(text("SET LOCAL statement_timeout = 1"))
    session.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.parametrize("does", [_ended, _read_only, _waits_too_long])
def test_a_postgresql_that_breaks_off(
    postgres_server: PostgresServer, does: Callable[[Session], None]
) -> None:
    database = open_database(postgres_server.migrated(), key=hash_key)
    with pytest.raises(SQLAlchemyError) as caught, database.writing() as session:
        does(session)
    database.dispose()
    assert is_away(caught.value)


def test_other_errors() -> None:
    assert is_away(TimeoutError("no connection is free"))
    assert not is_away(ValueError("x"))
    assert not is_away(SQLAlchemyError("x"))
