"""What is kept beside a post to find it by: hashtags, links, the search document."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.domain.hashtags import match_key
from models.store import contents, search
from models.store.bulk import insert_rows
from models.store.chunks import chunks
from models.store.contents import Content
from models.store.touched import LockedCourse, Projected
from models.tables.posts import LinkTable, TagTable


def write(session: Session, course: LockedCourse, projected: Sequence[Projected]) -> None:
    """Replaces tags, links and search documents of the posts whose content or place changed."""
    stale = [post for post in projected if post.before is not None and _differs(post)]
    _remove(session, course.id, stale)
    search.remove(session, course.id, [post.row["number"] for post in stale if post.was_visible])
    fresh = [post for post in projected if post.before is None or _differs(post)]
    shown = _contents(session, course, fresh)
    _insert_tags(session, course.id, shown)
    _insert_links(session, course.id, shown)
    search.index(
        session,
        course.id,
        [
            (post.row["number"], content.stems(course.language))
            for post, content in shown
            if post.placement.visible
        ],
    )


def _differs(post: Projected) -> bool:
    return (
        post.content_changed
        or (post.was_visible, post.was_listed) != (post.placement.visible, post.placement.listed)
        or post.touched.regrouped
    )


def _contents(
    session: Session, course: LockedCourse, posts: Sequence[Projected]
) -> list[tuple[Projected, Content]]:
    """The shown posts with their content: projected with them, or read back from what is kept."""
    shown = [(post, post.shown.sighting) for post in posts if post.shown is not None]
    missing = {(seen.source_id, seen.entry_key) for post, seen in shown if post.content is None}
    kept = contents.read(session, course.id, missing) if missing else {}
    return [(post, post.content or kept[seen.source_id, seen.entry_key]) for post, seen in shown]


def _remove(session: Session, course_id: int, posts: Sequence[Projected]) -> None:
    for part in chunks([post.touched.id for post in posts]):
        for table in (TagTable, LinkTable):
            session.execute(
                delete(table)
                .where(table.course_id == course_id, table.post_id.in_(part))
                .execution_options(synchronize_session=False)
            )


def _insert_tags(
    session: Session, course_id: int, shown: Sequence[tuple[Projected, Content]]
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
        for tag in sorted({match_key(tag) for tag in content.hashtags})
    ]
    insert_rows(session, TagTable, rows)


def _insert_links(
    session: Session, course_id: int, shown: Sequence[tuple[Projected, Content]]
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
