"""Feeds in the forms that blogs really have: RSS 0.91/1.0/2.0, Atom 0.3/1.0, JSON Feed 1.1.

`write` knows each platform of `addresses.FEED_PATHS`. Equal entries make equal bytes: no feed
holds the moment of its making.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from app.demo import atom, rss
from app.demo.entries import Channel, Document, FeedEntry, rfc3339


def write(platform: str, channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    """The feed of a platform, entries in the given order. Raises `KeyError` for other platforms."""
    return _WRITERS[platform](channel, entries)


def _jsonfeed(channel: Channel, entries: Sequence[FeedEntry]) -> Document:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.url,
        "language": channel.language,
        "authors": [{"name": channel.author}],
        "items": [
            {
                "id": entry.uid,
                "url": entry.url,
                "title": entry.title,
                "content_html": entry.html,
                "date_published": rfc3339(entry.at),
                "date_modified": rfc3339(entry.updated),
                "tags": list(entry.categories),
                "language": entry.language,
            }
            for entry in entries
        ],
    }
    body = json.dumps(feed, ensure_ascii=False, indent=1)
    return Document("application/feed+json", body.encode())


_WRITERS: Mapping[str, Callable[[Channel, Sequence[FeedEntry]], Document]] = {
    "wordpress": rss.wordpress,
    "tagfeed": rss.wordpress,
    "doubled": rss.doubled,
    "latin1": rss.latin1,
    "illformed": rss.illformed,
    "empty": rss.wordpress,
    "blogger": atom.atom,
    "jsonfeed": _jsonfeed,
    "hugo": rss.hugo,
    "ghost": rss.ghost,
    "rdf": rss.rdf,
    "rss091": rss.rss091,
    "atom03": atom.atom03,
}
