"""The combined feed: filters, keyset pages, single posts, responses.

Every list is walked along one index from a position (`Position`), never by OFFSET, so page 1,000
costs what page 1 costs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.domain.errors import Gone, NotFound
from models.domain.hashtags import match_key
from models.domain.post import Kind
from models.domain.search import query as stems
from models.store import search
from models.store.conversation import RESPONDING
from models.store.render import feed_posts
from models.store.rows import CourseRow, FeedPost, Page, Position
from models.tables.posts import EdgeTable, PostTable, SightingTable, TagTable

BENEATH = frozenset({Kind.COMMENT.value, Kind.STATUS.value})
"""Kinds that may stand under another post (comments, announcements): who asks for such a kind gets
all of them, in lists of anything else they are left out."""

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
    span = _span(course, chosen)
    words = _words(course, chosen)
    if span is None or words == ():
        return Page((), None)
    walk = _walk(course, chosen)
    conditions = _conditions(session, course, chosen, walk, span, words)
    keys = _keyset(walk.query.where(*conditions), walk, chosen.order, after).limit(limit + 1)
    rows = session.execute(keys).all()
    shown = rows[:limit]
    posts = feed_posts(session, course, [row.id for row in shown])
    if len(rows) <= limit:
        return Page(posts, None)
    last = shown[-1]
    responses = last.responses if chosen.order is Order.DISCUSSED else 0
    return Page(posts, Position(last.published_at, last.id, responses))


Span = tuple[datetime | None, datetime | None]


def _span(course: CourseRow, chosen: Filter) -> Span | None:
    """From (inclusive), to (exclusive) of all that narrows time; None where nothing is in it."""
    begins, ends = chosen.since, chosen.until
    if chosen.week is not None:
        week = course.course.week(chosen.week)
        if week is None:
            return None
        first, last = course.course.bounds(week)
        begins = max(begins, first) if begins else first
        ends = min(ends, last) if ends else last
    return None if begins and ends and begins >= ends else (begins, ends)


def _words(course: CourseRow, chosen: Filter) -> tuple[frozenset[str], ...] | None:
    """The stems to search for; None without a query, () where the query has no word in it."""
    if chosen.q is None:
        return None
    languages = dict.fromkeys((course.course.language, *SEARCH_LANGUAGES))
    return stems(chosen.q, tuple(languages))


@dataclass(frozen=True, slots=True)
class _Walk:
    """The index a list is walked along, and its columns there."""

    query: Select[*tuple[Any, ...]]
    published_at: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[Any]
    settles: str | None = None
    """The filter that the walk itself settles."""


def _walk(course: CourseRow, chosen: Filter) -> _Walk:
    """By tag or by source, the copies of the post's time beside them are walked."""
    if chosen.order is Order.DISCUSSED or chosen.q is not None or chosen.kind in BENEATH:
        return _by_posts(course, chosen)
    if chosen.tag is not None:
        return _by_tag(course, chosen, match_key(chosen.tag))
    if chosen.source is not None:
        return _by_source(course, chosen, chosen.source)
    return _by_posts(course, chosen)


def _by_posts(course: CourseRow, chosen: Filter) -> _Walk:
    query = select(PostTable.id, PostTable.published_at, PostTable.responses).where(
        PostTable.course_id == course.id
    )
    return _Walk(query, PostTable.published_at, PostTable.id)


def _by_tag(course: CourseRow, chosen: Filter, tag: str) -> _Walk:
    query = select(TagTable.post_id.label("id"), TagTable.published_at).where(
        TagTable.course_id == course.id, TagTable.tag == tag, TagTable.listed.is_(True)
    )
    if _needs_posts(chosen, settled="tag"):
        query = query.join(PostTable, _same_post(TagTable))
    return _Walk(query, TagTable.published_at, TagTable.post_id, "tag")


def _by_source(course: CourseRow, chosen: Filter, source: str) -> _Walk:
    query = (
        select(SightingTable.post_id.label("id"), SightingTable.published_at)
        .where(
            SightingTable.course_id == course.id,
            SightingTable.source_id == source,
            SightingTable.listed.is_(True),
            SightingTable.state == "live",
        )
        .distinct()  # one source may list a post twice
    )
    if _needs_posts(chosen, settled="source"):
        query = query.join(PostTable, _same_post(SightingTable))
    return _Walk(query, SightingTable.published_at, SightingTable.post_id, "source")


def _same_post(table: type[TagTable] | type[SightingTable]) -> ColumnElement[bool]:
    return and_(PostTable.course_id == table.course_id, PostTable.id == table.post_id)


def _needs_posts(chosen: Filter, *, settled: str) -> bool:
    others = {"kind", "participant", "lang", "tag", "source"} - {settled}
    return any(getattr(chosen, name) is not None for name in others)


def _conditions(
    session: Session,
    course: CourseRow,
    chosen: Filter,
    walk: _Walk,
    span: Span,
    words: tuple[frozenset[str], ...] | None,
) -> list[ColumnElement[bool]]:
    begins, ends = span
    found: list[ColumnElement[bool]] = []
    if begins is not None:
        found.append(walk.published_at >= begins)
    if ends is not None:
        found.append(walk.published_at < ends)
    if walk.settles is None or _needs_posts(chosen, settled=walk.settles):
        found += _of_posts(course, chosen, walk.settles)
    if words is not None:
        found.append(search.matches(session, course.id, words))
    return found


def _of_posts(
    course: CourseRow, chosen: Filter, settled: str | None
) -> Iterator[ColumnElement[bool]]:
    if chosen.kind not in BENEATH:
        yield PostTable.listed.is_(True)
    if chosen.kind is not None:
        yield PostTable.kind == chosen.kind
        yield PostTable.visible.is_(True)
    if chosen.participant is not None:
        yield PostTable.participant_id == chosen.participant
    if chosen.lang is not None:
        yield PostTable.language == chosen.lang
    if chosen.tag is not None and settled != "tag":
        yield PostTable.id.in_(
            select(TagTable.post_id).where(
                TagTable.course_id == course.id, TagTable.tag == match_key(chosen.tag)
            )
        )
    if chosen.source is not None and settled != "source":
        yield PostTable.id.in_(
            select(SightingTable.post_id).where(
                SightingTable.course_id == course.id,
                SightingTable.source_id == chosen.source,
                SightingTable.state == "live",
            )
        )


def _keyset(
    query: Select[*tuple[Any, ...]], walk: _Walk, order: Order, after: Position | None
) -> Select[*tuple[Any, ...]]:
    """The order, and where to go on: rows beyond the position in that order."""
    if order is Order.DISCUSSED:
        columns = [PostTable.responses, walk.published_at, walk.id]
        place: tuple[Any, ...] = () if after is None else (after.responses, after.published_at)
    else:
        columns = [walk.published_at, walk.id]
        place = () if after is None else (after.published_at,)
    if after is not None:
        key, bound = tuple_(*columns), (*place, after.id)
        query = query.where(key > bound if order is Order.OLDEST else key < bound)
    if order is Order.OLDEST:
        return query.order_by(*columns)
    return query.order_by(*(column.desc() for column in columns))


def post(session: Session, course: CourseRow, post_id: str) -> FeedPost:
    """One visible post. Raises `NotFound`; `Gone` where it was visible once, whatever took it."""
    state = session.execute(
        select(PostTable.visible, PostTable.revision, PostTable.merged_into).where(
            PostTable.course_id == course.id, PostTable.id == post_id
        )
    ).first()
    if state is None or state.revision == 0:
        raise NotFound("there is no such post in this course")
    if not state.visible:
        raise Gone("this post is not here any more", state.merged_into)
    return feed_posts(session, course, [post_id])[0]


def responses(
    session: Session,
    course: CourseRow,
    post_id: str,
    *,
    after: Position | None = None,
    limit: int = 20,
) -> Page:
    """Visible posts that answer or link to this one, oldest first."""
    query = (
        select(PostTable.id, PostTable.published_at)
        .join(
            EdgeTable,
            and_(EdgeTable.course_id == PostTable.course_id, EdgeTable.post_id == PostTable.id),
        )
        .where(
            EdgeTable.course_id == course.id,
            EdgeTable.target_key == post_id,
            EdgeTable.kind.in_(RESPONDING),
            PostTable.visible.is_(True),
        )
        .distinct()
    )
    walk = _Walk(query, PostTable.published_at, PostTable.id)
    rows = session.execute(_keyset(query, walk, Order.OLDEST, after).limit(limit + 1)).all()
    posts = feed_posts(session, course, [row.id for row in rows[:limit]])
    if len(rows) <= limit:
        return Page(posts, None)
    return Page(posts, Position(rows[limit - 1].published_at, rows[limit - 1].id))
