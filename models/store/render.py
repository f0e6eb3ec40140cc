"""Posts as they are shown: the row of `posts` with the content of the sighting it shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.domain.course import Course, Show
from models.domain.html import escape_text
from models.domain.post import Media
from models.store.chunks import chunks
from models.store.rows import CourseRow, FeedAuthor, FeedPost, FeedSource
from models.store.sightings import SHOWN
from models.tables.posts import PostTable, SightingTable
from models.tables.sources import SourceTable

_POST = [
    PostTable.id,
    PostTable.kind,
    PostTable.url,
    PostTable.language,
    PostTable.published_at,
    PostTable.updated_at,
    PostTable.first_seen_at,
    PostTable.participant_id,
    PostTable.responses,
    PostTable.pinned,
    PostTable.revision,
]
_SIGHTING = [
    SightingTable.title,
    SightingTable.content_html,
    SightingTable.excerpt,
    SightingTable.author_name,
    SightingTable.author_url,
    SightingTable.author_handle,
    SightingTable.author_avatar_url,
    SightingTable.hashtags,
    SightingTable.links,
    SightingTable.media,
    SightingTable.in_reply_to,
    SightingTable.sensitive,
    SightingTable.content_warning,
]


_SHOWN = select(*_POST, *_SIGHTING).join(SightingTable, SHOWN).where(PostTable.visible.is_(True))
"""Put together once: for each page anew, that takes longer than the database."""


def feed_posts(session: Session, course: CourseRow, ids: Sequence[str]) -> tuple[FeedPost, ...]:
    """The visible ones of these posts, in the order of `ids`."""
    sources = _sources(session, course.id, ids)
    announcing = _announcing(session, course.id, ids)
    found: dict[str, FeedPost] = {}
    for part in chunks(ids):
        rows = session.execute(
            _SHOWN.where(PostTable.course_id == course.id, PostTable.id.in_(part))
        )
        for row in rows:
            found[row.id] = _feed_post(
                row, course.course, sources.get(row.id, ()), announcing.get(row.id, ())
            )
    return tuple(found[post_id] for post_id in ids if post_id in found)


def _feed_post(
    row: Any, course: Course, sources: tuple[FeedSource, ...], announcing: Sequence[str]
) -> FeedPost:
    week = course.week_at(row.published_at)
    full = course.show is Show.FULL
    return FeedPost(
        id=row.id,
        course=course.slug,
        kind=row.kind,
        url=row.url,
        title=row.title,
        content_html=row.content_html if full else escape_text(row.excerpt),
        excerpt=row.excerpt,
        language=row.language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        first_seen_at=row.first_seen_at,
        author=FeedAuthor(
            row.author_name,
            row.author_url,
            row.author_handle,
            row.author_avatar_url,
            row.participant_id,
        ),
        sources=sources,
        hashtags=tuple(row.hashtags),
        links=tuple(row.links),
        media=tuple(Media(**media) for media in row.media) if full else (),
        in_reply_to=row.in_reply_to,
        announced_by=tuple(announcing),
        responses=row.responses,
        week=week.number if week else None,
        pinned=row.pinned,
        sensitive=row.sensitive,
        content_warning=row.content_warning,
        revision=row.revision,
    )


def _announcing(
    session: Session, course_id: int, ids: Collection[str]
) -> Mapping[str, Sequence[str]]:
    """Addresses of the visible posts that only announce these, the first first."""
    found: dict[str, list[str]] = {}
    for part in chunks(ids):
        rows = session.execute(
            select(PostTable.announces_id, PostTable.url)
            .where(
                PostTable.course_id == course_id,
                PostTable.announces_id.in_(part),
                PostTable.visible.is_(True),
            )
            .order_by(PostTable.published_at, PostTable.id)
        )
        for announced_id, url in rows:
            assert announced_id is not None  # it was asked for
            found.setdefault(announced_id, []).append(url)
    return found


_SEEN = (
    select(
        SightingTable.post_id,
        SourceTable.id,
        SourceTable.kind,
        SourceTable.title,
        SourceTable.url,
    )
    .join(
        SourceTable,
        and_(
            SourceTable.course_id == SightingTable.course_id,
            SourceTable.id == SightingTable.source_id,
        ),
    )
    .where(SightingTable.state == "live")
    .order_by(SightingTable.first_seen_at, SourceTable.id)
)


@dataclass(slots=True)
class _Seen:
    sources: list[FeedSource]
    ids: set[str]


def _sources(
    session: Session, course_id: int, ids: Collection[str]
) -> Mapping[str, tuple[FeedSource, ...]]:
    """Where each post was seen: every source once, the first to bring it first."""
    seen: dict[str, _Seen] = {}
    for part in chunks(ids):
        rows = session.execute(
            _SEEN.where(SightingTable.course_id == course_id, SightingTable.post_id.in_(part))
        )
        for post_id, source_id, kind, title, url in rows:
            assert post_id is not None  # it was asked for
            entry = seen.setdefault(post_id, _Seen([], set()))
            if source_id not in entry.ids:
                entry.ids.add(source_id)
                entry.sources.append(FeedSource(source_id, kind, title or url, url))
    return {post_id: tuple(entry.sources) for post_id, entry in seen.items()}
