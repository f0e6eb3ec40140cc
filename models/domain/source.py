"""What a collector has to know of a source, and the words for the state it is in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

BACKFILLED = "backfilled"
"""Option: `Rule.backfilled`; so what was fetched then is not taken back as too old later on."""
HELD = "held"
"""Option: what the source brings waits for a facilitator, whatever the course's rule."""
SPENT = "spent"
"""Key of a cursor under which a collector keeps account of its limits: it outlasts a new start."""


class Match(StrEnum):
    """Which entries of a source belong to the course."""

    HASHTAG = "hashtag"
    """Only those that carry one of the course's hashtags."""
    ALL = "all"
    """Every entry: the source is a tag feed, or a planet of the course."""


class SourceState(StrEnum):
    """Whether a source is asked, and if not, why."""

    ACTIVE = "active"
    PAUSED = "paused"
    """By a person, by the course file that no longer names it, or after 14 days of failure."""
    GONE = "gone"
    """It answered 410: it says of itself that it will not come back."""
    REMOVED = "removed"
    """Taken out by a person; kept only so that its posts stay explained."""


MENTION = "webmention"
"""The kind of sources that strangers name: nobody of the course has registered them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a course wants of its sources: the hashtags, and how far back."""

    hashtags: tuple[str, ...]
    """Folded and stripped of diacritics (`hashtags.match_key`); the first is the main one."""
    match: Match
    language: str
    """The course's language, for entries that declare none."""
    registered_only: bool = False
    """Consent "registered": accounts that are not `indexable` are left out."""
    participant_registered: bool = False
    """The source belongs to a registered participant, so `unlisted` statuses count."""
    spelled: tuple[str, ...] = ()
    """The hashtags with their diacritics, one for each."""
    since: float | None = None
    """Unix time: how far back the first collection reaches, or None for no bound."""
    backfilled: float | None = None
    """Unix time: how far back older posts were fetched on demand, if further than `since`."""

    taught: tuple[float, float] | None = None
    """Unix times: from when until when the course's weeks are; None where it has none."""

    @property
    def asked_for(self) -> tuple[str, ...]:
        """The hashtags to ask servers for: many tell `#grün` and `#grun` apart."""
        return self.spelled or self.hashtags

    @property
    def earliest(self) -> float | None:
        """Unix time: what was written before is too old for the course; None for no bound."""
        if self.since is None or self.backfilled is None:
            return self.since
        return min(self.since, self.backfilled)


@dataclass(frozen=True, slots=True)
class Errands:
    """What a run is to look after beside what is new, at sources that can be asked for it."""

    recheck: tuple[tuple[str, str], ...] = ()
    """(remote id, external id) of posts to be read again: edited, or gone."""
    responses: frozenset[str] = frozenset()
    """External ids of those of `recheck` that belong because they answer a post of the course."""
    answers_to: tuple[tuple[str, str], ...] = ()
    """(remote id, external id) of posts whose replies are to be read."""

    def __len__(self) -> int:
        return len(self.recheck) + len(self.answers_to)


NO_ERRANDS = Errands()


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as its collector sees it: never a database row, picklable, without secrets."""

    id: str
    kind: str
    url: str
    """As registered. What is really asked may differ: `cursor` remembers what was found."""
    rule: Rule
    title: str | None = None
    participant_name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    cursor: Mapping[str, Any] = field(default_factory=dict)
    """What the collector returned last in `Batch.cursor`; empty at the first time."""
    now: float = 0.0
    """Unix time at which this run began."""
    errands: Errands = NO_ERRANDS
    past: Mapping[str, Any] = field(default_factory=dict)
    """The page of older entries to be read (`collectors.contract.LookingBack`)."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A source that another leads to: a platform's tag feed, a post's comments."""

    kind: str
    url: str
    match: Match = Match.HASHTAG
    options: Mapping[str, Any] = field(default_factory=dict)
