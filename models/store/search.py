"""The full-text index: FTS5 on SQLite, a tsvector with GIN on PostgreSQL.

Both hold the very same stems, made by `models.domain.search`, and split nothing themselves, so
both answer alike. On SQLite a row's number is `course_id << 40 | posts.number`: one course is one
range of numbers, which FTS5 can narrow to.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    TextClause,
    bindparam,
    column,
    exists,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql.expression import cast

from models.store.among import is_sqlite
from models.tables.posts import PostTable

SHIFT = 40
MOST_BYTES = 1_000_000
"""Of one post's stems. A tsvector counts no further than a mebibyte; made from an array, it loses
what is beyond without a word.
"""

_search = table(
    "post_search", column("rowid"), column("course_id"), column("number"), column("terms")
)


def index(session: Session, course_id: int, documents: Sequence[tuple[int, str]]) -> None:
    """Adds (post number, stems) pairs of posts that are not in the index."""
    if not documents:
        return
    bounded = [(number, _bounded(terms)) for number, terms in documents]
    if is_sqlite(session):
        session.execute(
            text("INSERT INTO post_search (rowid, terms) VALUES (:row, :terms)"),
            [{"row": course_id << SHIFT | number, "terms": terms} for number, terms in bounded],
        )
        return
    session.execute(
        text(
            "INSERT INTO post_search (course_id, number, terms)"
            " VALUES (:course, :number, array_to_tsvector(:terms))"
        ),
        [
            {"course": course_id, "number": number, "terms": terms.split()}
            for number, terms in bounded
        ],
    )


def _bounded(terms: str) -> str:
    if 4 * len(terms) <= MOST_BYTES or len(encoded := terms.encode()) <= MOST_BYTES:
        return terms
    return encoded[:MOST_BYTES].rpartition(b" ")[0].decode()


def remove(session: Session, course_id: int, numbers: Sequence[int]) -> None:
    """Takes posts out of the index."""
    if not numbers:
        return
    if is_sqlite(session):
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
    if is_sqlite(session):
        session.execute(text("INSERT INTO post_search (post_search) VALUES ('optimize')"))


def matches(
    session: Session, course_id: int, words: Sequence[frozenset[str]]
) -> ColumnElement[bool]:
    """A condition on `posts`: every word is there in one of its forms."""
    if is_sqlite(session):
        return PostTable.number.in_(numbers(session, course_id, words))
    return exists().where(
        _search.c.course_id == PostTable.course_id,
        _search.c.number == PostTable.number,
        _tsquery(words),
    )


def numbers(
    session: Session, course_id: int, words: Sequence[frozenset[str]]
) -> Select[*tuple[Any, ...]]:
    """Of the posts in which every word is, in one of its forms; the index is asked first."""
    if is_sqlite(session):
        return select(_number(course_id).label("number")).where(*_fts(course_id, words))
    return select(_search.c.number).where(_search.c.course_id == course_id, _tsquery(words))


def _number(course_id: int) -> ColumnElement[int]:
    return _search.c.rowid - (course_id << SHIFT)


def _fts(course_id: int, words: Sequence[frozenset[str]]) -> tuple[TextClause, ColumnElement[bool]]:
    wanted = _joined(words, " AND ", " OR ", '"')
    return (
        text("post_search MATCH :fts").bindparams(bindparam("fts", wanted)),
        _search.c.rowid.between(course_id << SHIFT, ((course_id + 1) << SHIFT) - 1),
    )


def _tsquery(words: Sequence[frozenset[str]]) -> ColumnElement[bool]:
    return _search.c.terms.op("@@")(cast(_joined(words, " & ", " | ", "'"), TSQUERY))


def _joined(words: Sequence[frozenset[str]], every: str, any_of: str, quote: str) -> str:
    # Stems are letters, digits and underscores only, so nothing needs escaping within the quotes.
    groups = (any_of.join(f"{quote}{form}{quote}" for form in sorted(forms)) for forms in words)
    return every.join(f"({group})" for group in groups)
