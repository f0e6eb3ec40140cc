"""JSON Feed 1.1."""

from collections.abc import Sequence
from gettext import NullTranslations
from typing import Any

import orjson

from app.api.documents import stamp
from app.syndication.channel import Channel, author_of, uid
from app.syndication.content import Enclosure, content_of, enclosures_of, summary_of
from app.syndication.titles import title_of
from models.store.rows import FeedPost

MEDIA_TYPE = "application/feed+json"


def write(channel: Channel) -> bytes:
    """The feed document."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home_url,
        "feed_url": channel.self_url,
        "description": channel.description,
        "next_url": channel.next_page or channel.archive.previous,
        "language": channel.course.language,
        "hubs": [{"type": "WebSub", "url": channel.hub}] if channel.hub else None,
        "items": [_item(channel.words, post) for post in channel.posts],
    }
    return orjson.dumps({name: value for name, value in feed.items() if value is not None})


def _item(words: NullTranslations, post: FeedPost) -> dict[str, Any]:
    author = {"name": author_of(post), "url": post.author.url, "avatar": post.author.avatar_url}
    item = {
        "id": uid(post.id),
        "url": post.url,
        "title": title_of(post, words),
        "content_html": content_of(post, words),
        "summary": summary_of(post, words),
        "date_published": stamp(post.published_at),
        "date_modified": stamp(max(post.updated_at, post.published_at)),
        "authors": [{name: value for name, value in author.items() if value}],
        "tags": list(post.hashtags),
        "attachments": _attachments(enclosures_of(post)) or None,
        "language": post.language,
        "_source": {"title": post.sources[0].title, "url": post.sources[0].url}
        if post.sources
        else None,
    }
    return {name: value for name, value in item.items() if value is not None}


def _attachments(files: Sequence[Enclosure]) -> list[dict[str, str]]:
    return [
        {"url": file.url, "mime_type": file.type} | ({"title": file.alt} if file.alt else {})
        for file in files
    ]
