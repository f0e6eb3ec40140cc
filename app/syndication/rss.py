"""RSS 2.0, as its Advisory Board's best practices have it."""

import html
import re
from email.utils import format_datetime
from gettext import NullTranslations

from app.syndication.channel import Channel, author_of, uid
from app.syndication.content import content_of, enclosures_of, summary_of
from app.syndication.titles import title_of
from app.syndication.uris import uri
from app.syndication.xml import ATOM, CONTENT, DC, HISTORY, Element, add, document, root
from models.store.rows import FeedPost

MEDIA_TYPE = "application/rss+xml"
TTL = 15
"""Minutes between two looks of a reader that takes the hint."""
_TITLE = re.compile(rb"(?<=<title>)[^<]+(?=</title>)")


def write(channel: Channel) -> bytes:
    """The feed document."""
    top = root("rss", {"atom": ATOM, "content": CONTENT, "dc": DC, "fh": HISTORY}, version="2.0")
    feed = add(top, "channel")
    add(feed, "title", channel.title)
    add(feed, "link", channel.home_url)
    add(feed, "description", channel.description)
    add(feed, "language", channel.course.language)
    add(feed, "lastBuildDate", format_datetime(channel.updated_at, usegmt=True))
    add(feed, "ttl", str(TTL))
    add(feed, "generator", "moocfeed")
    _link(feed, "self", channel.self_url)
    _link(feed, "hub", channel.hub, None)
    _link(feed, "next", channel.next_page)
    _link(feed, "current", channel.archive.current)
    _link(feed, "prev-archive", channel.archive.previous)
    _link(feed, "next-archive", channel.archive.next)
    if channel.archive.current is not None:
        add(feed, f"{{{HISTORY}}}archive")
    for post in channel.posts:
        _item(feed, channel.words, post)
    return _TITLE.sub(_referenced, document(top))


def _referenced(title: re.Match[bytes]) -> bytes:
    """By the RSS Profile: what is markup to some readers is spelled so that it is none to any."""
    return title.group().replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


def _link(parent: Element, rel: str, href: str | None, kind: str | None = MEDIA_TYPE) -> None:
    if href is not None:
        add(parent, f"{{{ATOM}}}link", attributes={"rel": rel, "href": href, "type": kind})


def _item(feed: Element, words: NullTranslations, post: FeedPost) -> None:
    item = add(feed, "item")
    add(item, "title", title_of(post, words))
    add(item, "link", uri(post.url))
    add(item, "guid", uid(post.id), {"isPermaLink": "false"})
    add(item, "pubDate", format_datetime(post.published_at, usegmt=True))
    add(item, f"{{{DC}}}creator", author_of(post))
    for tag in filter(None, post.hashtags):
        add(item, "category", tag)
    # To readers a description is HTML: text that speaks of markup must not become any.
    add(item, "description", html.escape(summary_of(post, words), quote=False))
    add(item, f"{{{CONTENT}}}encoded", content_of(post, words))
    for file in enclosures_of(post)[:1]:  # RSS knows one for each item; 0 is "unknown"
        add(item, "enclosure", None, {"url": uri(file.url), "length": "0", "type": file.type})
    if post.sources:
        add(item, "source", post.sources[0].title, {"url": uri(post.sources[0].url)})
