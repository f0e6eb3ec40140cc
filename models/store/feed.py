"""The combined feed: keyset pages, single posts, responses.

A list is walked along one index from a position (`Position`), never by OFFSET, so page 1,000 costs
what page 1 costs. Where no index has the list in its order, and a narrowing holds of few posts,
those few are looked at instead.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models.domain.errors import Gone, NotFound
from models.store import courses
from models.store.conversation import RESPONDING
from models.store.filters import Criterion, Filter, Order, Span, by_time, criteria, span
from models.store.render import feed_posts
from models.store.rows import CourseRow, FeedPost, Page, Position
from models.store.walking import Walk, among, walk
from models.tables.courses import CourseTable
from models.tables.posts import EdgeTable, PostTable

__all__ = ["Filter", "Order", "anywhere", "count", "page", "post", "post_or_merged", "responses"]

FEW = 1000
"""Posts that may be looked at for one page. What holds of more is met often enough on the way."""
MANY = 10_000
"""The same where the way leads along an index that knows nothing of the narrowing's order."""


def page(
    session: Session,
    course: CourseRow,
    chosen: Filter,
    *,
    after: Position | None = None,
    limit: int = 20,
) -> Page:
    """One page of visible posts. A week, source, tag or person without posts is an empty page."""
    within = span(course, chosen)
    wanted = criteria(session, course, chosen)
    if within is None or wanted is None:
        return Page((), None)
    for criterion, most in _limits(course, chosen, within, wanted):
        if _holds_of_at_most(session, criterion, most):
            found = among(course, chosen, within, wanted, criterion)
            break
    else:
        found = walk(course, chosen, within, wanted)
    rows = session.execute(found.page(chosen.order, after, limit + 1)).all()
    return _page(session, course, rows, chosen.order, limit)


def count(session: Session, course: CourseRow, chosen: Filter) -> int | None:
    """How many posts a list holds; None where only going through very many would tell."""
    within = span(course, chosen)
    wanted = criteria(session, course, chosen)
    if within is None or wanted is None:
        return 0
    if within.is_open and not wanted:
        return course.posts
    everything = wanted if within.is_open else [*wanted, by_time(course, chosen, within)]
    for criterion in everything:
        if _holds_of_at_most(session, criterion, FEW):
            found = among(course, chosen, within, wanted, criterion).query.subquery()
            return session.scalar(select(func.count()).select_from(found)) or 0
    return None


def _limits(
    course: CourseRow, chosen: Filter, within: Span, wanted: Sequence[Criterion]
) -> Iterator[tuple[Criterion, int]]:
    """Of how many posts each may hold for those to be looked at.

    None is asked where an index has the list in its order anyway.
    """
    if chosen.order is Order.DISCUSSED:
        everything = wanted if within.is_open else [*wanted, by_time(course, chosen, within)]
        yield from ((criterion, MANY) for criterion in everything)
    elif len(wanted) > 1 or chosen.q is not None:
        # An index by kind has no other narrowing beside it.
        yield from ((each, FEW if chosen.listed and each.name != "q" else MANY) for each in wanted)


def _holds_of_at_most(session: Session, criterion: Criterion, most: int) -> bool:
    first = criterion.keys.limit(most + 1).subquery()
    return (session.scalar(select(func.count()).select_from(first)) or 0) <= most


def _page(
    session: Session, course: CourseRow, rows: Sequence[Any], order: Order, limit: int
) -> Page:
    """Of the rows in their order, the first `limit`; there is more where there are more rows."""
    posts = feed_posts(session, course, [row.id for row in rows[:limit]])
    if len(rows) <= limit:
        return Page(posts, None)
    last = rows[limit - 1]
    responses = last.responses if order is Order.DISCUSSED else 0
    return Page(posts, Position(last.published_at, last.id, responses))


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


def post_or_merged(session: Session, course: CourseRow, post_id: str) -> FeedPost:
    """As `post`; of a post that was merged into another, that one."""
    try:
        return post(session, course, post_id)
    except Gone as gone:
        if gone.merged_into is None:
            raise
        return post(session, course, gone.merged_into)


def anywhere(session: Session, post_id: str) -> FeedPost:
    """As `post_or_merged`, whichever course it is of."""
    found = session.scalar(
        select(CourseTable.slug)
        .join(PostTable, PostTable.course_id == CourseTable.id)
        .where(PostTable.id == post_id)
    )
    if found is None:
        raise NotFound("there is no such post in any course")
    return post_or_merged(session, courses.plain_course(session, found), post_id)


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
    walk = Walk(query, PostTable.published_at, PostTable.id)
    rows = session.execute(walk.page(Order.OLDEST, after, limit + 1)).all()
    return _page(session, course, rows, Order.OLDEST, limit)
