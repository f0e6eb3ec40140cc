"""The query of a deep page: from a position, as moocfeed asks, and by OFFSET, as is usual."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from benchmarks.turns import medians
from models.store.engine import open_database
from models.tables.posts import PostTable

Query = Select[str, datetime]


def compared(url: str, page: int, limit: int, rounds: int) -> Mapping[str, float]:
    """The medians in seconds: first moocfeed's way, then its peer's."""
    database = open_database(url, key=bytes)
    skipped = (page - 1) * limit
    try:
        with database.reading() as session:
            before = session.execute(_listed().offset(skipped - 1).limit(1)).one()
            place = tuple_(PostTable.published_at, PostTable.id)
            onward = _listed().where(place < (before.published_at, before.id)).limit(limit)
            ways = {
                f"query of page {page:,}, from a position": _timed(session, onward),
                f"query of page {page:,}, by OFFSET": _timed(
                    session, _listed().offset(skipped).limit(limit)
                ),
            }
            return medians(ways, rounds)
    finally:
        database.dispose()


def _listed() -> Query:
    return (
        select(PostTable.id, PostTable.published_at)
        .where(PostTable.course_id == 1, PostTable.listed.is_(True))
        .order_by(PostTable.published_at.desc(), PostTable.id.desc())
    )


def _timed(session: Session, query: Query) -> Callable[[], float]:
    def ask() -> float:
        started = time.perf_counter()
        session.execute(query).all()
        return time.perf_counter() - started

    return ask
