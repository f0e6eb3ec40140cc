"""What a list is narrowed to, and each narrowing as conditions for the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.domain.decide import SightingState
from models.domain.hashtags import match_key
from models.domain.post import Kind
from models.domain.search import query as stems
from models.store import search
from models.store.rows import CourseRow
from models.tables.posts import PostTable, SightingTable, TagTable

BENEATH = frozenset({Kind.COMMENT.value, Kind.STATUS.value})
"""Kinds that may stand under another post (comments, announcements): who asks for such a kind gets
all of them, in lists of anything else they are left out."""
SEARCH_LANGUAGES = ("de", "en")
"""A query is stemmed by these and by the course's language."""

_LISTED = PostTable.listed.is_(True)


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
    """A source's id, or several with commas between: what any of them brought."""
    participant: str | None = None
    week: int | None = None
    tag: str | None = None
    lang: str | None = None
    since: datetime | None = None
    """Inclusive."""
    until: datetime | None = None
    """Exclusive."""
    order: Order = Order.NEWEST

    @property
    def listed(self) -> bool:
        """Whether it is about posts of their own right only."""
        return self.kind not in BENEATH


@dataclass(frozen=True, slots=True)
class Span:
    """From (inclusive), to (exclusive) of all that narrows time; None is open."""

    begins: datetime | None
    ends: datetime | None

    @property
    def is_open(self) -> bool:
        return self.begins is None and self.ends is None

    @property
    def is_empty(self) -> bool:
        return self.begins is not None and self.ends is not None and self.begins >= self.ends

    def holds(self, column: Any) -> list[ColumnElement[bool]]:
        """Of a column of times."""
        found: list[ColumnElement[bool]] = []
        if self.begins is not None:
            found.append(column >= self.begins)
        if self.ends is not None:
            found.append(column < self.ends)
        return found


def span(course: CourseRow, chosen: Filter) -> Span | None:
    """The time a list is narrowed to; None where nothing can be in it."""
    begins, ends = chosen.since, chosen.until
    if chosen.week is not None:
        week = course.course.week(chosen.week)
        if week is None:
            return None
        first, last = course.course.bounds(week)
        begins = max(begins, first) if begins else first
        ends = min(ends, last) if ends else last
    found = Span(begins, ends)
    return None if found.is_empty else found


@dataclass(frozen=True, slots=True)
class Criterion:
    """One narrowing of a list."""

    name: str
    """The field of `Filter`."""
    holds: ColumnElement[bool]
    """Of a row of `posts`."""
    keys: Select[*tuple[Any, ...]]
    """The posts of which it holds, found along an index of its own; some may be in no list."""
    column: InstrumentedAttribute[Any] = PostTable.id
    """What the keys are."""


def criteria(session: Session, course: CourseRow, chosen: Filter) -> list[Criterion] | None:
    """All but time, those that tend to hold of few posts first.

    None where nothing can be in the list: a query without a word in it.
    """
    found = [
        *_by_column("participant", course, chosen, PostTable.participant_id),
        *_by_source(course, chosen),
    ]
    if chosen.q is not None:
        languages = dict.fromkeys((course.course.language, *SEARCH_LANGUAGES))
        words = stems(chosen.q, tuple(languages))
        if not words:
            return None
        found.append(_by_words(session, course, words))
    return [
        *found,
        *_by_tag(course, chosen),
        *_by_column("lang", course, chosen, PostTable.language),
        *_by_column("kind", course, chosen, PostTable.kind),
    ]


def base(course: CourseRow, chosen: Filter) -> ColumnElement[bool]:
    """Of a row of `posts`: what such a list is about."""
    shown = _LISTED if chosen.listed else PostTable.visible.is_(True)
    return and_(PostTable.course_id == course.id, shown)


def _by_column(
    name: str, course: CourseRow, chosen: Filter, column: InstrumentedAttribute[Any]
) -> list[Criterion]:
    value = getattr(chosen, name)
    if value is None:
        return []
    holds = column == value
    if name == "kind":
        holds = and_(holds, PostTable.visible.is_(True))
    # Of the row itself, which takes longer to read, nothing is asked here.
    within_index = (holds,) if name == "kind" or not chosen.listed else (holds, _LISTED)
    keys = select(PostTable.id).where(PostTable.course_id == course.id, *within_index)
    return [Criterion(name, holds, keys)]


def _by_source(course: CourseRow, chosen: Filter) -> list[Criterion]:
    if chosen.source is None:
        return []
    table = SightingTable
    ids = chosen.source.split(",")
    # One is by far the most common, and `=` keeps its index in order.
    brought = table.source_id == ids[0] if len(ids) == 1 else table.source_id.in_(ids)
    live = table.listed.is_(True) if chosen.listed else table.state == SightingState.LIVE.value
    seen = and_(table.course_id == course.id, brought, live)
    holds = exists().where(seen, table.post_id == PostTable.id)
    return [Criterion("source", holds, select(table.post_id.label("id")).where(seen))]


def _by_tag(course: CourseRow, chosen: Filter) -> list[Criterion]:
    if chosen.tag is None:
        return []
    table = TagTable
    tagged = and_(table.course_id == course.id, table.tag == match_key(chosen.tag))
    if chosen.listed:
        tagged = and_(tagged, table.listed.is_(True))
    holds = exists().where(tagged, table.post_id == PostTable.id)
    return [Criterion("tag", holds, select(table.post_id.label("id")).where(tagged))]


def _by_words(session: Session, course: CourseRow, words: Sequence[frozenset[str]]) -> Criterion:
    holds = search.matches(session, course.id, words)
    return Criterion("q", holds, search.numbers(session, course.id, words), PostTable.number)


def by_time(course: CourseRow, chosen: Filter, within: Span) -> Criterion:
    """The time a list is narrowed to, as a criterion like the others."""
    holds = and_(*within.holds(PostTable.published_at))
    return Criterion("time", holds, select(PostTable.id).where(base(course, chosen), holds))
