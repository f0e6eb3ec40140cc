"""Edits never lower quality: a feed that turns to summaries takes no text away."""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from models.domain import html, likeness, prose
from models.domain.decide import SightingState
from models.domain.identity import key_of_url
from models.domain.post import Media, Post
from models.domain.search import terms
from models.store.assigning import SortedOut
from models.store.chunks import chunks
from models.store.touched import LockedCourse, SightingId
from models.tables.posts import SightingTable

_Kept = tuple[str, tuple[Media, ...]]
"""HTML and media of a sighting."""


def fuller(session: Session, course: LockedCourse, found: SortedOut) -> SortedOut:
    """The same, but what came shortened ("read more") keeps the text that is known of it."""
    shortened = {
        (found.source_id, post.entry_key): post for post in found.posts if _is_shorter(found, post)
    }
    if not shortened:
        return found
    kept = _read(session, course.id, shortened)
    return replace(
        found,
        posts=[_with_kept(course, post, kept, found.source_id) for post in found.posts],
    )


def _is_shorter(found: SortedOut, post: Post) -> bool:
    known = found.known.get((found.source_id, post.entry_key))
    return (
        known is not None
        and known.state is SightingState.LIVE
        and len(post.content_html) < known.length
    )


def _read(
    session: Session, course_id: int, shortened: Mapping[SightingId, Post]
) -> dict[SightingId, _Kept]:
    table = SightingTable
    rows = (
        row
        for part in chunks(shortened)
        for row in session.execute(
            select(table.source_id, table.entry_key, table.content_html, table.media).where(
                table.course_id == course_id,
                tuple_(table.source_id, table.entry_key).in_(part),
            )
        )
    )
    return {
        (row.source_id, row.entry_key): (
            row.content_html or "",
            tuple(Media(**media) for media in row.media),
        )
        for row in rows
    }


def _with_kept(
    course: LockedCourse, post: Post, kept: Mapping[SightingId, _Kept], source_id: str
) -> Post:
    """Its digest stays that of what the source said, so that the same answer is known again."""
    content, media = kept.get((source_id, post.entry_key), ("", ()))
    if not likeness.is_cut_down(prose.read(post.content_html), prose.read(content)):
        return post
    clean = html.clean(content, None)
    links = tuple(link for link in clean.links if link != post.url)
    tags = tuple(dict.fromkeys((*post.hashtags, *clean.hashtags)))
    texts = (post.title or "", post.author.name, post.author.handle or "", *tags, clean.text)
    return replace(
        post,
        content_html=content,
        excerpt=html.excerpt(clean.text),
        hashtags=tags,
        links=links,
        link_keys=tuple(key_of_url(link) for link in links),
        media=media or post.media,
        text_length=len(clean.text),
        search_terms=terms(texts, (post.language or course.language, course.language)),
    )
