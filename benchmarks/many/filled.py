"""Databases with so many posts, made once in a run and kept for all that want them."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text

from benchmarks.many import original
from benchmarks.many.multiply import multiply
from benchmarks.run import Run
from models.store import schema
from models.store.engine import open_database
from tests.databases import PostgresServer

ORIGINALS = 1000
"""Posts that are taken in for each kind of database, and then multiplied."""


def sqlite(run: Run, posts: int) -> str:
    """The URL of a SQLite file."""
    return _sqlite(run.folder, posts)


@cache
def _sqlite(folder: Path, posts: int) -> str:
    url = f"sqlite:///{quote(str(folder / f'posts-{posts}.db'))}"
    _fill(url, posts)
    return url


@contextlib.contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """A server of its own while the block runs; its folder has a short name, as sockets want."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        server = PostgresServer(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on(server: PostgresServer, posts: int) -> str:
    """The URL of a database on this server."""
    url = server.empty()
    _fill(url, posts)
    return url


def _fill(url: str, posts: int) -> None:
    database = open_database(url, key=bytes)
    try:
        schema.migrate(database)
        originals = min(posts, ORIGINALS)
        original.take_in(database, originals)
        multiply(database, posts // originals)
        if not database.is_sqlite:
            # What autovacuum would do within minutes.
            with database.engine.connect() as connection:
                free = connection.execution_options(isolation_level="AUTOCOMMIT")
                free.execute(text("VACUUM ANALYZE"))
    finally:
        database.dispose()
