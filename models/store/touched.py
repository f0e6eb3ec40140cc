"""The values a projection works on: the locked course, touched posts, what is to be written."""

from dataclasses import dataclass, field
from typing import Any

from models.domain.choose import Shown
from models.domain.course import Consent, Moderation
from models.domain.post import Post
from models.domain.visibility import Placement
from models.tables.posts import PostTable

SightingId = tuple[str, str]
"""Source id and entry key."""
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many posts became visible, changed visibly, or vanished."""

    new: int = 0
    changed: int = 0
    withdrawn: int = 0

    @classmethod
    def of(cls, change: str | None) -> "Counts":
        """Of one entry of the change log, or of none."""
        return cls(change == "post", change == "change", change == "withdraw")

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.new + other.new, self.changed + other.changed, self.withdrawn + other.withdrawn
        )


@dataclass(frozen=True, slots=True)
class LockedCourse:
    """The course's row, locked until the transaction ends."""

    id: int
    revision: int
    posts_numbered: int
    language: str
    consent: Consent
    moderation: Moderation


@dataclass(slots=True)
class Touched:
    """A post that something happened to."""

    id: str
    is_new: bool
    posts: dict[SightingId, Post] = field(default_factory=dict)
    """Sightings that are new or have changed."""
    taken_back: dict[SightingId, str] = field(default_factory=dict)
    """Sightings that are no longer the course's, and why (`sightings.reason`)."""
    identity_keys: list[str] = field(default_factory=list)
    """Not known before."""
    participant_id: str | None = None
    held: bool = False
    """Where it is new, it waits for a facilitator."""

    @property
    def first_source_id(self) -> str:
        """Of what touched it, the first source."""
        return next(iter([*self.posts, *self.taken_back]))[0]


@dataclass(slots=True)
class Projected:
    """A touched post, with what is to be written of it."""

    touched: Touched
    before: PostTable | None
    shown: Shown | None
    row: Values
    placement: Placement
    content_changed: bool
    """Whether the sighting shown is another, or says something else."""
    post: Post | None
    """The shown sighting's content, where this answer brought it."""

    @property
    def was_visible(self) -> bool:
        return self.before is not None and self.before.visible

    @property
    def was_listed(self) -> bool:
        return self.before is not None and self.before.listed

    @property
    def change(self) -> str | None:
        """What the change log says of it, or None where nobody can see a difference."""
        if self.placement.visible:
            if not self.was_visible:
                return "post"
            return "change" if self.content_changed or self.touched.posts else None
        return "withdraw" if self.was_visible else None
