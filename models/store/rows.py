"""What the store hands out: frozen values without a session behind them.

`FeedPost` has every field of the public API's Post; times are aware UTC.
"""

from dataclasses import dataclass
from datetime import datetime

from models.domain.course import Course
from models.domain.post import Media


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course with its key, revision and counts."""

    id: int
    course: Course
    revision: int
    posts: int
    """Visible posts that stand in the lists."""
    sources: int
    """Sources that are not removed."""
    people: int
    """Different people with a visible post."""
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FeedAuthor:
    """Who wrote a post, as shown."""

    name: str
    url: str | None
    handle: str | None
    avatar_url: str | None
    participant: str | None
    """A participant's id, or None."""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Where a post was seen."""

    id: str
    kind: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedPost:
    """A visible post, ready to be shown."""

    id: str
    course: str
    kind: str
    url: str
    title: str | None
    content_html: str
    excerpt: str
    language: str | None
    published_at: datetime
    updated_at: datetime
    first_seen_at: datetime
    author: FeedAuthor
    sources: tuple[FeedSource, ...]
    hashtags: tuple[str, ...]
    links: tuple[str, ...]
    media: tuple[Media, ...]
    in_reply_to: str | None
    announced_by: tuple[str, ...]
    responses: int
    week: int | None
    pinned: bool
    sensitive: bool
    content_warning: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the keyset of its last post."""

    published_at: datetime
    id: str
    responses: int = 0
    """Only where the order is `discussed`."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `after` is where the next begins, or None at the end."""

    posts: tuple[FeedPost, ...]
    after: Position | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A tombstone: what is left of a post that is no longer shown."""

    id: str
    revision: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a course's change log; `post` is None where it is no longer visible."""

    revision: int
    change: str
    id: str
    post: FeedPost | None


@dataclass(frozen=True, slots=True)
class Sharer:
    """Somebody who links to an address, with the first post that does."""

    name: str
    post_id: str


@dataclass(frozen=True, slots=True)
class SharedLink:
    """An address that visible posts of two people or more link to."""

    url: str
    title: str | None
    """As the organisers named it, or as the course's post is titled that lives there."""
    people: int
    posts: int
    post_id: str | None
    """The visible post of the course that lives there."""
    by: tuple[Sharer, ...]
    """Some of the people, those who were first."""


@dataclass(frozen=True, slots=True)
class PublicSource:
    """A source as the public may see it (OPML, participants)."""

    id: str
    kind: str
    title: str
    url: str
    feed_url: str | None
    participant: str | None
    """Name of the consented participant whose source it is."""


@dataclass(frozen=True, slots=True)
class PublicPerson:
    """A participant who agreed to be listed."""

    id: str
    name: str
    role: str
    posts: int
    """Listed posts of theirs."""
    last_post_at: datetime | None
