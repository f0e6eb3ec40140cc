"""The combined feed: filters, keyset pages, single posts, responses, changes.

Every list is walked along one index from a position (`Position`), never by OFFSET, so page 1,000
costs what page 1 costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.orm import Session

from models.domain.errors import Gone, NotFound
from models.domain.hashtags import match_key
from models.domain.post import Kind
from models.domain.search import query as stems
from models.store import search
from models.store.render import feed_posts
from models.store.rows import Change, CourseRow, FeedPost, Page, Position, Withdrawn
from models.tables.courses import ChangeTable
from models.tables.posts import EdgeTable, PostTable, SightingTable, TagTable

SEARCH_LANGUAGES = ("de", "en")
"""A query is stemmed by these and by the course's language."""


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    DISCUSSED = "discussed"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None everywhere is the whole feed."""

    q: str | None = None
    kind: str | None = None
    source: str | None = None
    participant: str | None = None
    week: int | None = None
    tag: str | None = None
    lang: str | None = None
    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Exclusive."""
    order: Order = Order.NEWEST


def page(
    session: Session,
    course: CourseRow,
    chosen: Filter,
    *,
    after: Position | None = None,
    limit: int = 20,
) -> Page:
    """One page of visible posts. A week, source, tag or person without posts is an empty page."""
    walk = _walk(course, chosen)
    conditions = _conditions(session, course, chosen, walk)
    if conditions is None:
        return Page((), None)
    keys = _keyset(walk.query.where(*conditions), walk, chosen.order, after).limit(limit + 1)
    rows = session.execute(keys).all()
    shown = rows[:limit]
    posts = feed_posts(session, course, [row.id for row in shown])
    if len(rows) <= limit:
        return Page(posts, None)
    last = shown[-1]
    responses = last.responses if chosen.order is Order.DISCUSSED else 0
    return Page(posts, Position(last.published_at, last.id, responses))


@dataclass(frozen=True, slots=True)
class _Walk:
    """The index a list is walked along, and its columns there."""

    query: Select[Any]
    published_at: ColumnElement[datetime]
    id: ColumnElement[str]
    taken: frozenset[str]
    """Filters that the walk itself settles."""


def _walk(course: CourseRow, chosen: Filter) -> _Walk:
    """By tag or by source, the copies of the post's time beside them are walked."""
    if chosen.order is Order.DISCUSSED or chosen.q is not None:
        return _by_posts(course, chosen)
    if chosen.tag is not None:
        query = select(TagTable.post_id.label("id"), TagTable.published_at).where(
            TagTable.course_id == course.id,
            TagTable.tag == match_key(chosen.tag),
            TagTable.listed.is_(True),
        )
        return _joined(query, TagTable.post_id, TagTable.published_at, chosen, "tag")
    if chosen.source is not None:
        query = (
            select(SightingTable.post_id.label("id"), SightingTable.published_at)
            .where(
                SightingTable.course_id == course.id,
                SightingTable.source_id == chosen.source,
                SightingTable.listed.is_(True),
                SightingTable.state == "live",
            )
            .distinct()
        )
        return _joined(
            query, SightingTable.post_id, SightingTable.published_at, chosen, "source"
        )
    return _by_posts(course, chosen)


def _by_posts(course: CourseRow, chosen: Filter) -> _Walk:
    columns = [PostTable.id, PostTable.published_at, PostTable.responses]
    query = select(*columns).where(PostTable.course_id == course.id)
    if chosen.kind == Kind.COMMENT:
        # Comments stand in no list but their own.
        query = query.where(PostTable.visible.is_(True))
    elif chosen.kind is not None:
        query = query.where(PostTable.visible.is_(True), PostTable.listed.is_(True))
    else:
        query = query.where(PostTable.listed.is_(True))
    return _Walk(query, PostTable.published_at, PostTable.id, frozenset())  # type: ignore[arg-type]
