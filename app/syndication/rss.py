"""RSS 2.0, as its Advisory Board's best practices have it."""

from email.utils import format_datetime

from app.syndication.channel import Channel, author_of, title_of, uid
from app.syndication.xml import ATOM, CONTENT, DC, HISTORY, Element, add, document, root
from models.store.rows import FeedPost

MEDIA_TYPE = "application/rss+xml"


def write(channel: Channel) -> bytes:
    """The feed document."""
    top = root("rss", {"atom": ATOM, "content": CONTENT, "dc": DC, "fh": HISTORY}, version="2.0")
    feed = add(top, "channel")
    add(feed, "title", channel.title)
    add(feed, "link", channel.home_url)
    add(feed, "description", f"#{channel.course.hashtags[0]}")
    add(feed, "language", channel.course.language)
    add(feed, "lastBuildDate", format_datetime(channel.updated_at, usegmt=True))
    add(feed, "generator", "moocfeed")
    _link(feed, "self", channel.self_url)
    _link(feed, "next", channel.next_page)
    _link(feed, "current", channel.archive.current)
    _link(feed, "prev-archive", channel.archive.previous)
    _link(feed, "next-archive", channel.archive.next)
    if channel.archive.current is not None:
        add(feed, f"{{{HISTORY}}}archive")
    for post in channel.posts:
        _item(feed, post)
    return document(top)


def _link(parent: Element, rel: str, href: str | None) -> None:
    if href is not None:
        add(
            parent,
            f"{{{ATOM}}}link",
            attributes={"rel": rel, "href": href, "type": MEDIA_TYPE},
        )


def _item(feed: Element, post: FeedPost) -> None:
    item = add(feed, "item")
    add(item, "title", title_of(post))
    add(item, "link", post.url)
    add(item, "guid", uid(post.id), {"isPermaLink": "false"})
    add(item, "pubDate", format_datetime(post.published_at, usegmt=True))
    add(item, f"{{{DC}}}creator", author_of(post))
    for tag in post.hashtags:
        add(item, "category", tag)
    add(item, "description", post.excerpt)
    add(item, f"{{{CONTENT}}}encoded", post.content_html)
    if post.sources:
        add(item, "source", post.sources[0].title, {"url": post.sources[0].url})
