"""What a feed says of itself and its entries, whatever the format."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations

from models.domain.course import Course
from models.store.rows import FeedPost, Withdrawn

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Archive:
    """Where a document stands among the archives (RFC 5005 §4); None where there is none."""

    current: str | None = None
    """Set in archives: the subscription document."""
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed document. URLs are absolute."""

    course: Course
    words: NullTranslations
    """Of the course's language."""
    title: str
    description: str
    home_url: str
    feed_id: str
    """The same in all documents of one feed: its pages and archives."""
    self_url: str
    updated_at: datetime
    posts: Sequence[FeedPost]
    withdrawn: Sequence[Withdrawn] = ()
    archive: Archive = Archive()
    hub: str | None = None
    """Where readers subscribe to be told (WebSub)."""
    next_page: str | None = None
    """Older posts of the same list, where the list is no archive."""


def author_of(post: FeedPost) -> str:
    """Who wrote it, never empty: else the handle, else the source that brought it."""
    source = post.sources[0].title if post.sources else ""
    names = (clean(name or "").strip() for name in (post.author.name, post.author.handle, source))
    return next(filter(None, names), "?")


def uid(post_id: str) -> str:
    """The entry's identifier in every format."""
    return f"urn:uuid:{post_id}"


def clean(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold, not even escaped."""
    return _NOT_XML.sub("", text)
