"""What is kept beside a post to find it by: hashtags, links, the search document."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.domain.hashtags import match_key
from models.domain.html import visible_text
from models.domain.identity import key_of_url
from models.domain.search import terms
from models.store import search
from models.store.bulk import insert_rows
from models.store.chunks import chunks
from models.store.touched import LockedCourse, Projected
from models.tables.posts import LinkTable, SightingTable, TagTable


def write(session: Session, course: LockedCourse, projected: Sequence[Projected]) -> None:
    """Replaces tags, links and search documents of the posts whose content or place changed."""
    stale = [post for post in projected if post.before is not None and _differs(post)]
    _remove(session, course.id, stale)
    search.remove(session, course.id, [post.row["number"] for post in stale if post.was_visible])
    fresh = [post for post in projected if post.before is None or _differs(post)]
    shown = [(post, _content(session, course, post)) for post in fresh if post.shown is not None]
    _insert_tags(session, course.id, shown)
    _insert_links(session, course.id, shown)
    search.index(
        session,
        course.id,
        [(post.row["number"], content.terms) for post, content in shown if post.placement.visible],
    )


def _differs(post: Projected) -> bool:
    return post.content_changed or post.was_visible != post.placement.visible


class _Content:
    """What is indexed of a post: from this answer, or read back from the sighting kept."""

    __slots__ = ("link_keys", "links", "tags", "terms")

    def __init__(
        self,
        tags: Iterable[str],
        links: Sequence[str],
        link_keys: Sequence[str],
        stems: str,
    ) -> None:
        self.tags = sorted({match_key(tag) for tag in tags})
        self.links = links
        self.link_keys = link_keys
        self.terms = stems


def _content(session: Session, course: LockedCourse, post: Projected) -> _Content:
    if post.post is not None:
        found = post.post
        return _Content(found.hashtags, found.links, found.link_keys, found.search_terms)
    assert post.shown is not None
    kept = session.execute(
        select(
            SightingTable.title,
            SightingTable.content_html,
            SightingTable.language,
            SightingTable.author_name,
            SightingTable.author_handle,
            SightingTable.hashtags,
            SightingTable.links,
        ).where(
            SightingTable.course_id == course.id,
            SightingTable.source_id == post.shown.sighting.source_id,
            SightingTable.entry_key == post.shown.sighting.entry_key,
        )
    ).one()
    texts = [
        kept.title or "",
        kept.author_name or "",
        kept.author_handle or "",
        *kept.hashtags,
        visible_text(kept.content_html or ""),
    ]
    languages = [kept.language or course.language, course.language]
    keys = [key_of_url(url) for url in kept.links]
    return _Content(kept.hashtags, kept.links, keys, terms(texts, languages))


def _remove(session: Session, course_id: int, posts: Sequence[Projected]) -> None:
    for part in chunks([post.touched.id for post in posts]):
        for table in (TagTable, LinkTable):
            session.execute(
                delete(table)
                .where(table.course_id == course_id, table.post_id.in_(part))
                .execution_options(synchronize_session=False)
            )


def _insert_tags(
    session: Session, course_id: int, shown: Sequence[tuple[Projected, _Content]]
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "course_id": course_id,
            "post_id": post.touched.id,
            "tag": tag,
            "published_at": post.row["published_at"],
            "listed": post.placement.listed,
        }
        for post, content in shown
        for tag in content.tags
    ]
    insert_rows(session, TagTable, rows)


def _insert_links(
    session: Session, course_id: int, shown: Sequence[tuple[Projected, _Content]]
) -> None:
    rows = {
        (post.touched.id, key): {
            "course_id": course_id,
            "post_id": post.touched.id,
            "link_key": key,
            "url": url,
        }
        for post, content in shown
        for url, key in zip(content.links, content.link_keys, strict=True)
    }
    insert_rows(session, LinkTable, list(rows.values()))
