"""The full-text index: FTS5 on SQLite, a tsvector with GIN on PostgreSQL.

Both hold the very same stems, made by `models.domain.search`, and split nothing themselves, so
both answer alike. On SQLite a row's number is `course_id << 40 | posts.number`: one course is one
range of numbers, which FTS5 can narrow to.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, bindparam, column, exists, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import cast

from models.tables.posts import PostTable

SHIFT = 40

_search = table(
    "post_search", column("rowid"), column("course_id"), column("number"), column("terms")
)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def index(session: Session, course_id: int, documents: Sequence[tuple[int, str]]) -> None:
    """Adds (post number, stems) pairs; whatever was indexed of them before is removed first."""
    if not documents:
        return
    if _is_sqlite(session):
        session.execute(
            text("INSERT INTO post_search (rowid, terms) VALUES (:row, :terms)"),
            [{"row": course_id << SHIFT | number, "terms": terms} for number, terms in documents],
        )
        return
    session.execute(
        text(
            "INSERT INTO post_search (course_id, number, terms)"
            " VALUES (:course, :number, array_to_tsvector(:terms))"
        ),
        [
            {"course": course_id, "number": number, "terms": terms.split()}
            for number, terms in documents
        ],
    )


def remove(session: Session, course_id: int, numbers: Sequence[int]) -> None:
    """Takes posts out of the index."""
    if not numbers:
        return
    if _is_sqlite(session):
        session.execute(
            text("DELETE FROM post_search WHERE rowid = :row"),
            [{"row": course_id << SHIFT | number} for number in numbers],
        )
        return
    session.execute(
        text("DELETE FROM post_search WHERE course_id = :course AND number = :number"),
        [{"course": course_id, "number": number} for number in numbers],
    )


def scrub(session: Session) -> None:
    """Overwrites what was removed from SQLite's index, which keeps it until its parts are merged.

    Takes time with the index's size. FTS5's own `secure-delete` would spare it, but makes the file
    unreadable for SQLite before 3.42, which Debian 12 still ships.
    """
    if _is_sqlite(session):
        session.execute(text("INSERT INTO post_search (post_search) VALUES ('optimize')"))


def matches(
    session: Session, course_id: int, words: Sequence[frozenset[str]]
) -> ColumnElement[bool]:
    """A condition on `posts`: every word is there in one of its forms."""
    if _is_sqlite(session):
        wanted = _joined(words, " AND ", " OR ", '"')
        rows = select(_search.c.rowid - (course_id << SHIFT)).where(
            text("post_search MATCH :fts").bindparams(bindparam("fts", wanted)),
            _search.c.rowid.between(course_id << SHIFT, ((course_id + 1) << SHIFT) - 1),
        )
        return PostTable.number.in_(rows)
    wanted = _joined(words, " & ", " | ", "'")
    return exists().where(
        _search.c.course_id == PostTable.course_id,
        _search.c.number == PostTable.number,
        _search.c.terms.op("@@")(cast(wanted, TSQUERY)),
    )


def _joined(words: Sequence[frozenset[str]], every: str, any_of: str, quote: str) -> str:
    # Stems are letters, digits and underscores only, so nothing needs escaping within the quotes.
    groups = (any_of.join(f"{quote}{form}{quote}" for form in sorted(forms)) for forms in words)
    return every.join(f"({group})" for group in groups)
