"""OPML 2.0: the sources, to be subscribed to one by one."""

from collections.abc import Sequence

from app.syndication.xml import add, document, root
from models.domain.course import Course
from models.store.rows import PublicSource

MEDIA_TYPE = "text/x-opml"


def write(course: Course, sources: Sequence[PublicSource]) -> bytes:
    """The document; sources whose feed is not known yet are links."""
    top = root("opml", {}, version="2.0")
    head = add(top, "head")
    add(head, "title", course.title)
    body = add(top, "body")
    for source in sources:
        add(body, "outline", attributes=_outline(source))
    return document(top)


def _outline(source: PublicSource) -> dict[str, str | None]:
    text = source.participant or source.title
    if source.feed_url is None:
        return {"type": "link", "text": text, "url": source.url}
    return {
        "type": "rss",
        "text": text,
        "title": source.title,
        "xmlUrl": source.feed_url,
        "htmlUrl": source.url,
    }
