"""A post of the sample, as its author wrote it."""

from dataclasses import dataclass
from datetime import datetime

from models.domain.post import Kind


@dataclass(frozen=True, slots=True)
class SamplePost:
    """A post as its author wrote it. Where it stands on the web is said by `addresses`."""

    key: str
    """Names it within the sample; `[[key]]` in a text links it."""
    kind: Kind
    site: str
    """The blog, or the author's home instance."""
    author: str
    at: datetime
    """Aware UTC."""
    week: int
    text: str
    """Paragraphs; see `markup`."""
    language: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    """Beside the course's hashtag."""
    tagged: bool = True
    """Whether it belongs to the course: what is not must not be collected."""
    handle: str | None = None
    reply_to: str | None = None
    """Key of the status it answers."""
    seen_on: frozenset[str] = frozenset()
    """Of a status: the instances that know it."""
    edited_at: datetime | None = None
    warning: str | None = None
    poll: tuple[str, ...] = ()
    picture: str | None = None
    """What its picture shows, or None."""
