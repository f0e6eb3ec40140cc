"""Which index a list is walked along, and how it goes on from a position."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from models.store.filters import Criterion, Filter, Order, Span, base
from models.store.rows import CourseRow, Position
from models.tables.posts import PostTable, SightingTable, TagTable

BY_TIME = {
    "participant": "ix_posts_course_id_participant_id_listed_published_at_id",
    "lang": "ix_posts_course_id_language_listed_published_at_id",
    "kind": "ix_posts_course_id_kind_visible_published_at_id",
}
"""Indexes that have the posts of one narrowing in the order of their times."""
ALL_BY_TIME = "ix_posts_course_id_listed_published_at_id"
BY_RESPONSES = "ix_posts_discussed"
BY_KEY = {"id": "sqlite_autoindex_posts_1", "number": "uq_posts_course_id_number"}


Query = Select[*tuple[Any, ...]]
Column = ColumnElement[Any] | InstrumentedAttribute[Any]


def along(query: Query, index: str) -> Query:
    """Tells SQLite which index of `posts` to use: it keeps no statistics to know by itself."""
    return query.with_hint(PostTable, f"INDEXED BY {index}", "sqlite")


@dataclass(frozen=True, slots=True)
class Walk:
    """Posts as (id, published_at, responses), and the columns they are ordered by."""

    query: Query
    published_at: Column
    id: Column
    responses: Column = PostTable.responses

    def page(self, order: Order, after: Position | None, limit: int) -> Query:
        """At most `limit` rows beyond the position."""
        columns = self._columns(order)
        key = columns if order is Order.OLDEST else [column.desc() for column in columns]
        return self.query.where(*self.beyond(order, after)).order_by(*key).limit(limit)

    def beyond(self, order: Order, after: Position | None) -> list[ColumnElement[bool]]:
        """Conditions on what comes after the position in that order."""
        if after is None:
            return []
        place = [after.published_at, after.id]
        bound = tuple([after.responses, *place] if order is Order.DISCUSSED else place)
        key = tuple_(*self._columns(order))
        return [key > bound if order is Order.OLDEST else key < bound]

    def _columns(self, order: Order) -> list[Column]:
        columns: list[Column] = [self.published_at, self.id]
        return [self.responses, *columns] if order is Order.DISCUSSED else columns


def walk(course: CourseRow, chosen: Filter, within: Span, wanted: Sequence[Criterion]) -> Walk:
    """Along the index that has the most of the list in its order."""
    names = {criterion.name for criterion in wanted}
    if chosen.order is not Order.DISCUSSED and chosen.listed and "q" not in names:
        if "tag" in names:
            return _by_tag(within, wanted)
        if "source" in names:
            return _by_source(within, wanted)
    return by_posts(course, chosen, within, wanted, _index(chosen, names))


def _index(chosen: Filter, names: Collection[str]) -> str:
    if chosen.order is Order.DISCUSSED:
        return BY_RESPONSES
    if not chosen.listed:  # the others have what is listed in order, and only that
        return BY_TIME["kind"]
    return next((BY_TIME[name] for name in BY_TIME if name in names), ALL_BY_TIME)


def among(
    course: CourseRow,
    chosen: Filter,
    within: Span,
    wanted: Sequence[Criterion],
    settled: Criterion,
) -> Walk:
    """Through all that one criterion holds of, whatever the order."""
    others = [criterion for criterion in wanted if criterion is not settled]
    found = by_posts(course, chosen, within, others, BY_KEY[settled.column.key]).query
    # OFFSET keeps PostgreSQL from walking along the order instead, in the hope of meeting them.
    these = found.where(settled.column.in_(settled.keys)).offset(0).subquery()
    return Walk(select(these), these.c.published_at, these.c.id, these.c.responses)


def by_posts(
    course: CourseRow, chosen: Filter, within: Span, wanted: Sequence[Criterion], index: str
) -> Walk:
    """Along an index of `posts`."""
    query = select(PostTable.id, PostTable.published_at, PostTable.responses).where(
        base(course, chosen),
        PostTable.visible.is_(True),
        *within.holds(PostTable.published_at),
        *(criterion.holds for criterion in wanted),
    )
    return Walk(along(query, index), PostTable.published_at, PostTable.id)


def _by_tag(within: Span, wanted: Sequence[Criterion]) -> Walk:
    (tag,) = (criterion for criterion in wanted if criterion.name == "tag")
    return _by_copies(TagTable, tag, within, wanted)


def _by_source(within: Span, wanted: Sequence[Criterion]) -> Walk:
    (source,) = (criterion for criterion in wanted if criterion.name == "source")
    found = _by_copies(SightingTable, source, within, wanted)
    # One source may list a post twice.
    return Walk(found.query.distinct(), found.published_at, found.id)


def _by_copies(
    table: type[TagTable] | type[SightingTable],
    settled: Criterion,
    within: Span,
    wanted: Sequence[Criterion],
) -> Walk:
    """Along the copies of the posts' times beside their tags or sightings."""
    query = settled.keys.add_columns(table.published_at)
    others = [criterion.holds for criterion in wanted if criterion is not settled]
    if others:
        same = and_(PostTable.course_id == table.course_id, PostTable.id == table.post_id)
        query = query.join(PostTable, same).where(*others)
    query = query.where(*within.holds(table.published_at))
    return Walk(query, table.published_at, table.post_id)
