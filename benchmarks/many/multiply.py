"""Multiplying the posts of a course within its database, by SQL alone.

Every row that hangs on a post is copied with it: ids and keys get the copy's number, times move by
as many seconds, numbers and revisions go on. Columns that nothing is said of are copied as they
are, so the copies stay complete when the tables grow.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, text

from models.store import planner
from models.store.engine import Database
from models.tables.base import Base, rows_of
from models.tables.courses import ChangeTable
from models.tables.people import ParticipantTable
from models.tables.posts import (
    EdgeTable,
    IdentityTable,
    LinkTable,
    PostTable,
    SightingTable,
    TagTable,
)
from models.tables.shares import SharedLinkTable, ShareTable

Change = Mapping[str, str]
"""Column -> what becomes of it: a name in `_SQLITE` and `_POSTGRESQL`."""

_CHANGES: Mapping[type[Base], Change] = {
    PostTable: {
        "id": "id",
        "number": "number",
        "kind": "kind",
        "url": "text",
        "language": "language",
        "published_at": "time",
        "updated_at": "time",
        "revision": "revision",
        "shown_entry_key": "key",
        "announces_id": "id",
        "merged_into": "id",
    },
    SightingTable: {
        "entry_key": "key",
        "external_id": "text",
        "post_id": "id",
        "own_id": "id",
        "url": "text",
        "published_at": "time",
        "stated_at": "time",
        "updated_at": "time",
    },
    IdentityTable: {"key": "key", "post_id": "id", "own_id": "id"},
    TagTable: {"post_id": "id", "published_at": "time"},
    LinkTable: {"post_id": "id"},
    EdgeTable: {"post_id": "id", "target_key": "target"},
    ChangeTable: {"revision": "revision", "post_id": "id"},
}
"""In the order in which they are written."""

_BOTH: Change = {
    "number": "{column} + k * {posts}",
    "revision": "{column} + k * {revisions}",
    "text": "{column} || '?k=' || k",
    "kind": "CASE k % 4 WHEN 0 THEN 'status' ELSE {column} END",
    "language": "CASE k % 5 WHEN 0 THEN 'en' ELSE {column} END",
}
_SQLITE: Change = {
    **_BOTH,
    "id": "printf('2%07x', k) || substr({column}, 9)",
    "key": "substr({column}, 1, 24) || printf('%08x', k)",
    "target": "CASE kind WHEN 'mention' THEN {column}"
    " ELSE printf('2%07x', k) || substr({column}, 9) END",
    "time": "strftime('%Y-%m-%d %H:%M:%f', {column}, k || ' seconds') || '000'",
}
_POSTGRESQL: Change = {
    **_BOTH,
    "id": "'2' || lpad(to_hex(k), 7, '0') || substr({column}, 9)",
    "key": "substr({column}, 1, 24) || lpad(to_hex(k), 8, '0')",
    "target": "CASE kind WHEN 'mention' THEN {column}"
    " ELSE '2' || lpad(to_hex(k), 7, '0') || substr({column}, 9) END",
    "time": "{column} + k * interval '1 second'",
}
_COPIES = {
    "sqlite": "(WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n"
    " WHERE k < {copies} - 1) SELECT k FROM n)",
    "postgresql": "generate_series(1, {copies} - 1) AS n(k)",
}
_SEARCH = {
    "sqlite": ("rowid, terms", "rowid + k * {posts}, terms"),
    "postgresql": ("course_id, number, terms", "course_id, number + k * {posts}, terms"),
}


def multiply(database: Database, copies: int) -> None:
    """Makes the posts of the database's one course `copies` times as many; 1 changes nothing."""
    if copies == 1:
        return
    with database.writer.connect() as connection, connection.begin():
        counts = connection.execute(
            text("SELECT posts_numbered AS posts, revision AS revisions FROM courses")
        )
        numbers = {**counts.one()._asdict(), "copies": copies}
        with _unhindered(connection):
            for table, changes in _CHANGES.items():
                _copy(
                    connection, table.__tablename__, *_columns(table, changes, connection), numbers
                )
            _copy(connection, "post_search", *_SEARCH[connection.dialect.name], numbers)
        for counted in (ParticipantTable, ShareTable, SharedLinkTable):
            connection.execute(
                text(f"UPDATE {counted.__tablename__} SET posts = posts * :copies"), numbers
            )
        connection.execute(
            text(
                "UPDATE courses SET revision = revision * :copies,"
                " posts_numbered = posts_numbered * :copies, posts_listed = posts_listed * :copies"
            ),
            {"copies": copies},
        )


@contextmanager
def _unhindered(connection: Connection) -> Iterator[None]:
    """Without indexes, which cost a fraction when made at the end, and without foreign keys."""
    is_sqlite = connection.dialect.name == "sqlite"
    indexes = [index for table in _CHANGES for index in rows_of(table).indexes]
    for index in indexes:
        index.drop(connection)
    if not is_sqlite:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DROP INDEX ix_post_search_terms"))
    yield
    for index in indexes:
        index.create(connection)
    if is_sqlite:
        planner.prescribe(connection)  # what was said of an index went with it
    else:
        connection.execute(
            text("CREATE INDEX ix_post_search_terms ON post_search USING gin (terms)")
        )


def _columns(table: type[Base], changes: Change, connection: Connection) -> tuple[str, str]:
    """The columns' names, and the values of a copy."""
    words = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    names = [column.name for column in rows_of(table).columns]
    values = (words[changes[name]] if name in changes else "{column}" for name in names)
    quoted = [f'"{name}"' for name in names]
    return ", ".join(quoted), ", ".join(
        value.replace("{column}", name) for name, value in zip(quoted, values, strict=True)
    )


def _copy(
    connection: Connection, table: str, columns: str, values: str, numbers: Mapping[str, int]
) -> None:
    copies = _COPIES[connection.dialect.name].format(**numbers)
    made = values.format(**numbers)
    stored = "rowid, *" if table == "post_search" and columns.startswith("rowid") else "*"
    # From a copy: SQLite would set the whole result aside before it writes to what it reads.
    connection.execute(text(f"CREATE TEMPORARY TABLE was AS SELECT {stored} FROM {table}"))
    connection.execute(
        text(f"INSERT INTO {table} ({columns}) SELECT {made} FROM {copies} CROSS JOIN was")
    )
    connection.execute(text("DROP TABLE was"))
