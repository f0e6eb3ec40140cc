"""Atom 1.0 (RFC 4287), with tombstones (RFC 6721) and archives (RFC 5005)."""

from app.api.documents import stamp
from app.syndication.channel import Channel, author_of, title_of, uid
from app.syndication.xml import (
    ATOM,
    HISTORY,
    LANG,
    THREADING,
    TOMBSTONES,
    Element,
    add,
    document,
    root,
)
from models.store.rows import FeedPost

MEDIA_TYPE = "application/atom+xml"


def _a(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def write(channel: Channel) -> bytes:
    """The feed document."""
    feed = root(_a("feed"), {None: ATOM, "fh": HISTORY, "at": TOMBSTONES, "thr": THREADING})
    feed.set(LANG, channel.course.language)
    add(feed, _a("id"), channel.feed_id)
    add(feed, _a("title"), channel.title)
    add(feed, _a("updated"), stamp(channel.updated_at))
    add(feed, _a("generator"), "moocfeed")
    add(add(feed, _a("author")), _a("name"), channel.course.title)
    _link(feed, "self", channel.self_url, MEDIA_TYPE)
    _link(feed, "alternate", channel.home_url, "text/html")
    _link(feed, "next", channel.next_page, MEDIA_TYPE)
    _link(feed, "current", channel.archive.current, MEDIA_TYPE)
    _link(feed, "prev-archive", channel.archive.previous, MEDIA_TYPE)
    _link(feed, "next-archive", channel.archive.next, MEDIA_TYPE)
    if channel.archive.current is not None:
        add(feed, f"{{{HISTORY}}}archive")
    for gone in channel.withdrawn:
        add(
            feed,
            f"{{{TOMBSTONES}}}deleted-entry",
            attributes={"ref": uid(gone.id), "when": stamp(gone.at)},
        )
    for post in channel.posts:
        _entry(feed, post)
    return document(feed)


def _link(parent: Element, rel: str, href: str | None, kind: str | None = None) -> None:
    if href is not None:
        add(parent, _a("link"), attributes={"rel": rel, "href": href, "type": kind})


def _entry(feed: Element, post: FeedPost) -> None:
    entry = add(feed, _a("entry"), attributes={LANG: post.language})
    add(entry, _a("id"), uid(post.id))
    add(entry, _a("title"), title_of(post))
    add(entry, _a("published"), stamp(post.published_at))
    add(entry, _a("updated"), stamp(max(post.updated_at, post.published_at)))
    _link(entry, "alternate", post.url)
    author = add(entry, _a("author"))
    add(author, _a("name"), author_of(post))
    if post.author.url:
        add(author, _a("uri"), post.author.url)
    for tag in post.hashtags:
        add(entry, _a("category"), attributes={"term": tag})
    if post.in_reply_to:
        add(
            entry,
            f"{{{THREADING}}}in-reply-to",
            attributes={"ref": post.in_reply_to, "href": post.in_reply_to},
        )
    add(entry, _a("content"), post.content_html, {"type": "html"})
    _origin(entry, post)


def _origin(entry: Element, post: FeedPost) -> None:
    """Where the entry was taken from (RFC 4287 §4.2.11)."""
    if not post.sources:
        return
    first = post.sources[0]
    source = add(entry, _a("source"))
    add(source, _a("id"), first.url)
    add(source, _a("title"), first.title)
    add(source, _a("updated"), stamp(post.updated_at))
    _link(source, "self" if first.kind == "feed" else "alternate", first.url)
