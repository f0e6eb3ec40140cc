"""Engines and the two kinds of session.

`reading` opens a deferred transaction, `writing` an immediate one: on SQLite a deferred
transaction that reads and then writes fails at once with "database is locked" whenever another
writer came in between, whatever the timeout.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from sqlite3 import Connection as SqliteConnection
from typing import Any

import orjson
from sqlalchemy import URL, Engine, FromClause, create_engine, event, make_url, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

LOCK_TIMEOUT = 30.0
"""Seconds a writer waits for SQLite's write lock."""
READER_KIB, WRITER_KIB = 2 * 1024, 16 * 1024
"""SQLite's own cache, for each connection. Behind it is the system's, which all share; but what a
transaction changes should stay in it.
"""
IMMEDIATE = "BEGIN IMMEDIATE"
HASH_KEY = "hash_key"
"""Under which a session's `info` holds the key of keyed hashes."""


_ALL: Any = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
    # An error's text goes into the log, and rows hold people's addresses and hashes of passwords.
    "hide_parameters": True,
}


@dataclass(frozen=True, slots=True)
class Database:
    """One database: the engine, and sessions on it."""

    engine: Engine
    writer: Engine
    key: Callable[[], bytes]
    """Gives what the keyed hashes in this database are made with."""

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database; nothing it does is kept."""
        with Session(self.engine, autoflush=False, info=self._info) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits when the block ends well and rolls back when it raises."""
        with Session(self.writer, autoflush=False, info=self._info) as session, session.begin():
            yield session

    @property
    def _info(self) -> dict[Any, Any]:
        return {HASH_KEY: self.key}

    def dispose(self) -> None:
        for engine in (self.engine, self.writer):
            engine.dispose()


def open_database(url: str, *, key: Callable[[], bytes], pool_size: int = 5) -> Database:
    """Opens an engine for a SQLAlchemy URL; connects only when first used.

    `key` gives the installation's secret key, when it is first needed: with another, what was
    erased is no longer recognised.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Database(_sqlite(url, "BEGIN", READER_KIB), _sqlite(url, IMMEDIATE, WRITER_KIB), key)
    # Otherwise each statement would see another moment: a list's posts, and then their sources.
    # What filters ask for is rare or frequent: a plan without the values would suit neither.
    reader = _postgresql(
        parsed, pool_size, "plan_cache_mode=force_custom_plan", isolation_level="REPEATABLE READ"
    )
    return Database(reader, _postgresql(parsed, 1), key)


def _postgresql(url: URL, pool_size: int, *settings: str, **more: Any) -> Engine:
    options = " ".join(f"-c {setting}" for setting in ("timezone=utc", *settings))
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "options": options},
        **_ALL,
        **more,
    )


class _Compiler(SQLiteCompiler):
    """Writes hints (`INDEXED BY …`) behind the tables they are for."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        return text


def _sqlite(url: str, how_to_begin: str, cache_kib: int) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": LOCK_TIMEOUT, "check_same_thread": False}, **_ALL
    )
    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _record: Any) -> None:
        # The driver's own transaction handling begins too late; `begin` below does it.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA cache_size=-{cache_kib}")
        connection.execute("PRAGMA temp_store=MEMORY")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(how_to_begin)

    return engine


def use_wal(database: Database) -> None:
    """Switches a SQLite file to write-ahead logging; the file remembers it. Nothing elsewhere."""
    if not database.is_sqlite:
        return
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, SqliteConnection)
        if driver.in_transaction:
            driver.rollback()
        driver.execute("PRAGMA journal_mode=WAL")


def ping(session: Session) -> None:
    """Raises where the database does not answer."""
    session.execute(text("SELECT 1"))
