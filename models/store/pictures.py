"""The pictures of visible posts: what the picture proxy serves, and nothing else."""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain import html
from models.domain.course import Show
from models.domain.errors import NotFound
from models.store.chunks import chunks
from models.store.rows import CourseRow
from models.store.sightings import SHOWN
from models.tables.courses import CourseTable
from models.tables.posts import PostTable, SightingTable

IMAGE = "image"
"""Of `Media.type`: what the proxy shows."""


def of_post(session: Session, course: CourseRow, post_id: str) -> Iterator[str]:
    """Addresses of the pictures that a visible post shows: its author's, its media, its content's.

    Raises `NotFound`, also where it is hidden, withdrawn or erased.
    """
    row = session.execute(
        select(SightingTable.author_avatar_url, SightingTable.media, SightingTable.content_html)
        .join(PostTable, SHOWN)
        .where(
            PostTable.course_id == course.id,
            PostTable.id == post_id,
            PostTable.visible.is_(True),
        )
    ).first()
    if row is None:
        raise NotFound("there is no such post in this course")
    if row.author_avatar_url:
        yield row.author_avatar_url
    if course.course.show is Show.FULL:
        yield from (media["url"] for media in row.media if media["type"] == IMAGE)
        yield from html.picture_urls(row.content_html or "")


def visible(session: Session, slug: str, post_ids: Collection[str]) -> set[str]:
    """Of these posts of a course the visible ones; of a course that is unknown, none."""
    return {
        found
        for part in chunks(post_ids)
        for found in session.scalars(
            select(PostTable.id)
            .join(CourseTable, CourseTable.id == PostTable.course_id)
            .where(CourseTable.slug == slug, PostTable.id.in_(part), PostTable.visible.is_(True))
        )
    }
