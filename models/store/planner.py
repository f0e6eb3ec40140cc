"""What the databases believe of the tables' contents when they plan a statement.

Both would otherwise take any index that begins with `course_id` for as good as the one that finds
the row, and walk through a whole course for each statement.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from models.tables import Base
from models.tables.courses import ChangeTable
from models.tables.posts import (
    EdgeTable,
    IdentityTable,
    LinkTable,
    PostTable,
    SightingTable,
    TagTable,
)
from models.tables.shares import SharedLinkTable, ShareTable
from models.tables.sources import FetchTable
from models.tables.ties import TieTable
from models.tables.tombstones import TombstoneTable

ROWS = 1_000_000
"""Rows of a table that SQLite is told to expect, all of one course."""
ALIKE = {
    "kind": 300_000,
    "language": 300_000,
    "responses": 10,  # fewer than it takes to be skipped: lists are ordered by it
    "source_id": 2000,
    "participant_id": 1000,
    "person_key": 1000,
    "tag": 1000,
    "target_key": 4,
    "post_id": 2,
    "own_id": 2,
    "announces_id": 2,
    "merged_into": 2,
    "reply_key": 2,
    "link_key": 2,
    "at": 2,
    "published_at": 2,
    "stated_at": 2,
    "check_at": 2,
    "entry_key": 2,
    "other_id": 2,
    "id": 1,
    "number": 1,
    "key": 1,
    "revision": 1,
}
"""Rows of a course that have the same value in a column; all have, in those not named."""
GROWING: Sequence[type[Base]] = (
    ChangeTable,
    EdgeTable,
    FetchTable,
    IdentityTable,
    LinkTable,
    PostTable,
    SharedLinkTable,
    ShareTable,
    SightingTable,
    TagTable,
    TieTable,
    TombstoneTable,
)
"""Tables that may hold so many."""

LAST = 1 << 16
"""Posts from which on PostgreSQL's own rhythm is enough."""
ADVISORY_LOCK = 0x6D6F6F64
"""Whoever finds it taken goes on: two of these must not wait for each other."""


def prescribe(connection: Connection) -> None:
    """Writes SQLite's statistics by hand, so that its plans are the same in every database.

    https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_sqlite_stat_tables
    """
    connection.execute(text("ANALYZE courses"))  # makes the table they stand in
    connection.execute(text("DELETE FROM sqlite_stat1"))
    connection.execute(
        text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:table, :index, :stat)"),
        [
            {"table": table, "index": index, "stat": _stat(columns, is_unique=is_unique)}
            for table in (each.__tablename__ for each in GROWING)
            for index, columns, is_unique in _indexes(connection, table)
        ],
    )
    connection.execute(text("ANALYZE sqlite_schema"))  # reads them


def _indexes(connection: Connection, table: str) -> Iterator[tuple[str, Sequence[str], bool]]:
    rows = connection.execute(
        text("SELECT wr FROM pragma_table_list WHERE name = :table"), {"table": table}
    )
    without_rowid = bool(rows.scalar_one())
    found = connection.execute(
        text('SELECT name, origin, "unique" FROM pragma_index_list(:table)'), {"table": table}
    ).all()
    for name, origin, is_unique in found:
        columns = connection.scalars(
            text("SELECT name FROM pragma_index_info(:index) ORDER BY seqno"), {"index": name}
        )
        # The key of a table without row ids is the table itself.
        yield (
            table if without_rowid and origin == "pk" else name,
            columns.all(),
            bool(is_unique),
        )


def _stat(columns: Sequence[str], *, is_unique: bool) -> str:
    """Rows in all, then rows that are alike in the first column, in the first two, …"""
    numbers, alike = [ROWS], ROWS
    for column in columns:
        alike = min(alike, ALIKE.get(column, ROWS))
        numbers.append(alike)
    if is_unique:
        numbers[-1] = 1
    return " ".join(map(str, numbers))


def look_again(session: Session, posts_before: int, posts_now: int) -> None:
    """Renews PostgreSQL's statistics whenever a course has four times as many posts as the last
    time: its own ANALYZE comes a minute later, and connections keep their plans until it does. The
    first collection would take hours instead of minutes.
    """
    if not _is_due(posts_before, posts_now) or session.get_bind().dialect.name != "postgresql":
        return
    locked = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    if locked:
        names = ", ".join([*Base.metadata.tables, "post_search"])
        session.execute(text(f"ANALYZE {names}"))


def _is_due(before: int, now: int) -> bool:
    return before <= LAST and _fours(now) > _fours(before)


def _fours(number: int) -> int:
    return (number.bit_length() + 1) // 2
