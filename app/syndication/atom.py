"""Atom 1.0 (RFC 4287), with tombstones (RFC 6721) and archives (RFC 5005)."""

import html
import re
from gettext import NullTranslations

from app.api.documents import stamp
from app.syndication.channel import Channel, author_of, uid
from app.syndication.content import content_of, enclosures_of
from app.syndication.titles import title_of
from app.syndication.uris import uri
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
_MARKUP = re.compile(r"<|&[#\w]")


def _a(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def write(channel: Channel) -> bytes:
    """The feed document."""
    feed = root(_a("feed"), _namespaces(channel))
    feed.set(LANG, channel.course.language)
    add(feed, _a("id"), channel.feed_id)
    add(feed, _a("title"), channel.title)
    add(feed, _a("subtitle"), channel.description)
    add(feed, _a("updated"), stamp(channel.updated_at))
    add(feed, _a("generator"), "moocfeed")
    add(add(feed, _a("author")), _a("name"), channel.course.title)
    _link(feed, "self", channel.self_url, MEDIA_TYPE)
    _link(feed, "alternate", channel.home_url, "text/html")
    _link(feed, "hub", channel.hub)
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
        _entry(feed, channel.words, post)
    return document(feed)


def _namespaces(channel: Channel) -> dict[str | None, str]:
    """Those that are used: validators warn of what they do not know, were it only declared."""
    names: dict[str | None, str] = {None: ATOM, "fh": HISTORY, "thr": THREADING}
    return names | {"at": TOMBSTONES} if channel.withdrawn else names


def _link(parent: Element, rel: str, href: str | None, kind: str | None = None) -> None:
    if href is not None:
        add(parent, _a("link"), attributes={"rel": rel, "href": href, "type": kind})


def _entry(feed: Element, words: NullTranslations, post: FeedPost) -> None:
    entry = add(feed, _a("entry"), attributes={LANG: post.language})
    add(entry, _a("id"), uid(post.id))
    _title(entry, title_of(post, words))
    add(entry, _a("published"), stamp(post.published_at))
    add(entry, _a("updated"), stamp(max(post.updated_at, post.published_at)))
    _link(entry, "alternate", uri(post.url))
    author = add(entry, _a("author"))
    add(author, _a("name"), author_of(post))
    if post.author.url:
        add(author, _a("uri"), uri(post.author.url))
    for tag in filter(None, post.hashtags):
        add(entry, _a("category"), attributes={"term": tag})
    if post.in_reply_to:
        add(
            entry,
            f"{{{THREADING}}}in-reply-to",
            attributes={"ref": uri(post.in_reply_to), "href": uri(post.in_reply_to)},
        )
    if content := content_of(post, words):
        add(entry, _a("content"), content, {"type": "html"})
    else:
        add(entry, _a("summary"), title_of(post, words))
    for file in enclosures_of(post):
        attributes = {"rel": "enclosure", "href": uri(file.url), "type": file.type}
        add(entry, _a("link"), attributes={**attributes, "title": file.alt})
    _origin(entry, post)


def _title(entry: Element, title: str) -> None:
    """As HTML where it speaks of markup: some readers, and the validator, take such text for it."""
    if _MARKUP.search(title):
        add(entry, _a("title"), html.escape(title, quote=False), {"type": "html"})
    else:
        add(entry, _a("title"), title)


def _origin(entry: Element, post: FeedPost) -> None:
    """Where the entry was taken from (RFC 4287 §4.2.11)."""
    if not post.sources:
        return
    first = post.sources[0]
    source = add(entry, _a("source"))
    add(source, _a("id"), uri(first.url))
    add(source, _a("title"), first.title)
    add(source, _a("updated"), stamp(post.updated_at))
    _link(source, "self" if first.kind == "feed" else "alternate", uri(first.url))
