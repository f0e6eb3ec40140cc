"""The values a projection works on: the locked course, touched posts, what is to be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.domain.choose import Shown
from models.domain.course import Consent, Moderation
from models.domain.decide import SightingState
from models.domain.post import Post
from models.domain.visibility import Placement
from models.store.contents import Content
from models.tables.posts import PostTable

SOURCE_REMOVED = "source-removed"
"""Why a sighting is no longer the course's: its source was taken out."""

SightingId = tuple[str, str]
"""Source id and entry key."""
Values = dict[str, Any]


def state_after(reason: str) -> SightingState:
    """Of a sighting that is taken back: a source that was taken out says nothing of the post."""
    return SightingState.REMOVED if reason == SOURCE_REMOVED else SightingState.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Counts:
    """How many posts became visible, read otherwise than before, or vanished."""

    new: int = 0
    changed: int = 0
    withdrawn: int = 0

    @classmethod
    def of(cls, change: str | None) -> "Counts":
        """Of one entry of the change log, or of none."""
        return cls(change == "post", change == "change", change == "withdraw")

    @classmethod
    def total(cls, changes: Mapping[str, str | None]) -> "Counts":
        """Of all that a projection says of posts."""
        return sum(map(cls.of, changes.values()), cls())

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


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a sighting."""

    participant_id: str | None
    key: str
    """As in `posts.person_key`."""


@dataclass(frozen=True, slots=True)
class Sighted:
    """A sighting that is new or has changed."""

    post: Post
    own_id: str
    """The part it belongs to (`clusters.Part`)."""
    person: Person


@dataclass(slots=True)
class Touched:
    """A post that something happened to."""

    id: str
    is_new: bool
    posts: dict[SightingId, Sighted] = field(default_factory=dict)
    """Sightings that are new or have changed."""
    taken_back: dict[SightingId, str] = field(default_factory=dict)
    """Sightings that are no longer the course's, and why (`sightings.reason`)."""
    identity_keys: dict[str, str] = field(default_factory=dict)
    """Those not known before, with the part they name."""
    held: bool = False
    """Where it is new, it waits for a facilitator."""
    vouched: bool = False
    """A source of the course shows it by now, whoever had sent it in before."""
    approved: bool = False
    """A person lets it be shown."""
    regrouped: bool = False
    """It gained or lost parts that were there before."""
    shown_otherwise: bool = False
    """The course's settings show it to readers in another way than before."""

    @property
    def first_source_id(self) -> str | None:
        """Of what touched it, the first source; None where only regrouping did."""
        return next(iter([*self.posts, *self.taken_back]), (None, ""))[0]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """Parts that belong to another post than until now."""

    homes: Mapping[str, str] = field(default_factory=dict)
    """Part -> the post it belongs to now."""
    former: Mapping[str, str] = field(default_factory=dict)
    """Part -> the post it belonged to."""
    merged: Mapping[str, str | None] = field(default_factory=dict)
    """Post -> the one it is merged into now, or None where it stands by itself again."""
    apart: frozenset[str] = frozenset()
    """Posts that a person has just split off."""


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
    content: Content | None
    """What the shown sighting says, wherever what hangs on the post is to be made anew."""
    sources_changed: bool
    """Whether it is seen in other sources than before."""
    only_a_copy: bool = False
    """Whether all that happened is that one more source has it, with the same text."""

    @property
    def was_visible(self) -> bool:
        return self.before is not None and self.before.visible

    @property
    def was_listed(self) -> bool:
        return self.before is not None and self.before.listed

    @property
    def reconnects(self) -> bool:
        """Whether posts that answer or link it must be looked at again."""
        if self.before is None:
            return self.touched.regrouped
        return self.touched.regrouped or self.before.person_key != self.row["person_key"]

    @property
    def change(self) -> str | None:
        """What the change log says of it, or None where nobody can see a difference."""
        if self.placement.visible:
            if not self.was_visible:
                return "post"
            seen = (
                self.content_changed
                or self.sources_changed
                or self.touched.shown_otherwise
                or self._looks_different
            )
            return "change" if seen else None
        return "withdraw" if self.was_visible else None

    @property
    def counted(self) -> str | None:
        """What a run's summary says of it: mirrors are told of one more copy, people are not."""
        return None if self.change == "change" and self.only_a_copy else self.change

    @property
    def _looks_different(self) -> bool:
        before = self.before
        return before is not None and any(
            getattr(before, name) != self.row[name] for name in ("listed", "participant_id")
        )
