"""What stands around a post: what it answers, who answers it, what announces it, where it was seen.

All of it is found by the post's own id, however many posts there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.domain.decide import SightingState
from models.store import feed
from models.store.chunks import chunks
from models.store.conversation import RESPONDING
from models.store.render import feed_posts
from models.store.rows import CourseRow, FeedPost, FeedSource, Position
from models.tables.posts import EdgeTable, PostTable, SightingTable
from models.tables.sources import SourceTable

DEPTH = 4
"""Levels of responses to responses that are read; what lies deeper is found on those posts."""
MOST = 100
"""Responses to responses on one page."""
COPIES = 100


@dataclass(frozen=True, slots=True)
class Thread:
    """A response, with those to it."""

    post: FeedPost
    beneath: tuple["Thread", ...]

    @property
    def is_whole(self) -> bool:
        """Whether all its direct responses are here."""
        return len(self.beneath) >= self.post.responses

    def posts(self) -> Iterator[FeedPost]:
        """All of them."""
        yield self.post
        for thread in self.beneath:
            yield from thread.posts()


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a post was seen."""

    source: FeedSource
    url: str
    """Of the post there."""
    first_seen_at: datetime


def responses(
    session: Session,
    course: CourseRow,
    post_id: str,
    *,
    after: Position | None = None,
    limit: int = 20,
) -> tuple[Sequence[Thread], Position | None]:
    """A page of direct responses, oldest first, each with those beneath it; where it goes on.

    Each post stands at one place only, however many of the others it answers.
    """
    page = feed.responses(session, course, post_id, after=after, limit=limit)
    posts = {post.id: post for post in page.posts}
    beneath: dict[str, list[str]] = defaultdict(list)
    level = [post.id for post in page.posts]
    left = MOST
    for _ in range(DEPTH):
        asked = [each for each in level if posts[each].responses]
        pairs = _answers(session, course, asked, {post_id, *posts}, left)
        found = {post.id: post for post in feed_posts(session, course, list(pairs))}
        for answer, target in pairs.items():
            if answer in found:
                beneath[target].append(answer)
        posts |= found
        level, left = list(found), left - len(found)
    return [_thread(post.id, posts, beneath) for post in page.posts], page.after


def _thread(
    post_id: str, posts: Mapping[str, FeedPost], beneath: Mapping[str, Sequence[str]]
) -> Thread:
    answers = (_thread(answer, posts, beneath) for answer in beneath.get(post_id, ()))
    return Thread(posts[post_id], tuple(answers))


def _answers(
    session: Session, course: CourseRow, targets: Collection[str], but: Collection[str], limit: int
) -> dict[str, str]:
    """Post -> which of the targets it answers, oldest first; those known by now are left out."""
    found: dict[str, str] = {}
    for part in chunks(targets):
        rows = session.execute(
            select(PostTable.id, EdgeTable.target_key)
            .join(
                EdgeTable,
                and_(EdgeTable.course_id == PostTable.course_id, EdgeTable.post_id == PostTable.id),
            )
            .where(
                EdgeTable.course_id == course.id,
                EdgeTable.target_key.in_(part),
                EdgeTable.kind.in_(RESPONDING),
                PostTable.visible.is_(True),
            )
            .order_by(PostTable.published_at, PostTable.id)
            .limit(limit + len(but))
        )
        for row in rows:
            if row.id not in but and len(found) < limit:
                found.setdefault(row.id, row.target_key)
    return found


def answered(session: Session, course: CourseRow, post_id: str) -> FeedPost | None:
    """The visible post of the course that this one is a reply to."""
    target = session.scalar(
        select(EdgeTable.target_key)
        .where(
            EdgeTable.course_id == course.id,
            EdgeTable.post_id == post_id,
            EdgeTable.kind == "reply",
        )
        .limit(1)
    )
    found = feed_posts(session, course, [target]) if target else ()
    return found[0] if found else None


def announcing(session: Session, course: CourseRow, post_id: str) -> Sequence[FeedPost]:
    """The visible posts that only announce this one, the first first."""
    ids = session.scalars(
        select(PostTable.id)
        .where(
            PostTable.course_id == course.id,
            PostTable.announces_id == post_id,
            PostTable.visible.is_(True),
        )
        .order_by(PostTable.published_at, PostTable.id)
        .limit(COPIES)
    ).all()
    return feed_posts(session, course, ids)


def copies(session: Session, course: CourseRow, post: FeedPost) -> Sequence[Copy]:
    """Where the post was seen and since when, the first source first."""
    table = SightingTable
    rows = session.execute(
        select(
            *(table.url, table.first_seen_at),
            *(SourceTable.id, SourceTable.kind, SourceTable.title),
            SourceTable.url.label("source_url"),
        )
        .join(
            SourceTable,
            and_(SourceTable.course_id == table.course_id, SourceTable.id == table.source_id),
        )
        .where(
            table.course_id == course.id,
            table.post_id == post.id,
            table.state == SightingState.LIVE.value,
        )
        .order_by(table.first_seen_at, SourceTable.id, table.entry_key)
        .limit(COPIES)
    )
    return [
        Copy(
            FeedSource(row.id, row.kind, row.title or row.source_url, row.source_url),
            row.url or post.url,
            row.first_seen_at,
        )
        for row in rows
    ]
