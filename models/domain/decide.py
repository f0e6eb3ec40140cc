"""What an entry means for what is already known, and which of several sightings a post shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto

from models.domain.links import best_address
from models.domain.post import Entry, Post


class SightingState(StrEnum):
    """What became of an entry of a source."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
    UNMATCHED = "unmatched"


class Decision(Enum):
    """What to do with an entry."""

    NEW = auto()
    """Not seen before in this source, or seen and not the course's until now."""
    CHANGED = auto()
    """Live already, with other content; or back after it was withdrawn."""
    SAME = auto()
    WITHDRAWN = auto()
    """Live until now; this answer says that it is the course's no longer."""
    NOTED = auto()
    """Not the course's; kept by digest and reason only."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of an entry."""

    state: SightingState
    digest: str
    post_id: str | None
    stated_at: datetime | None
    first_seen_at: datetime
    reason: str | None = None


def decide(entry: Entry, known: Known | None) -> Decision:
    """Compares an entry with what is kept of it."""
    if known is not None and entry.cut_off:
        return Decision.SAME
    if isinstance(entry, Post):
        if known is None or known.state is SightingState.UNMATCHED:
            return Decision.NEW
        if known.state is SightingState.LIVE and known.digest == entry.digest:
            return Decision.SAME
        return Decision.CHANGED
    if known is None:
        return Decision.NOTED
    if known.state is SightingState.LIVE:
        return Decision.WITHDRAWN
    if (known.digest, known.reason) == (entry.digest, entry.reason):
        return Decision.SAME
    # A withdrawn entry that changes once more stays what it is: withdrawn.
    return Decision.SAME if known.state is SightingState.WITHDRAWN else Decision.NOTED


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting, as far as choosing among several needs it."""

    source_id: str
    entry_key: str
    state: SightingState
    from_origin: bool
    length: int
    """Characters of its content."""
    first_seen_at: datetime
    stated_at: datetime
    dated: bool
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Which sighting a post shows, at which address and under which time."""

    sighting: Seen
    url: str
    published_at: datetime


MUCH_RICHER = 2.0
"""How many times the origin's text another's must have to be shown in its place."""


def choose(sightings: Sequence[Seen]) -> Shown | None:
    """The sighting to show; None where the post counts as withdrawn.

    The origin's own copy decides over withdrawal, and is shown unless another carries much more
    of the text (an origin that publishes summaries only). Without an origin the richest is shown,
    and the post lives as long as one sighting does.
    """
    if len(sightings) == 1:
        only = sightings[0]
        return Shown(only, only.url, only.stated_at) if only.state is SightingState.LIVE else None
    if any(
        seen.from_origin and seen.state is not SightingState.LIVE for seen in sightings
    ) and not any(seen.from_origin and seen.state is SightingState.LIVE for seen in sightings):
        return None
    live = sorted(
        (seen for seen in sightings if seen.state is SightingState.LIVE),
        key=lambda seen: (seen.first_seen_at, seen.source_id, seen.entry_key),
    )
    if not live:
        return None
    best = _best(live)
    url = best_address([(seen.url, seen.from_origin) for seen in live])
    return Shown(best, url, _published(live, best))


def _best(live: Sequence[Seen]) -> Seen:
    richest = max(live, key=lambda seen: seen.length)  # the first among equals
    own = [seen for seen in live if seen.from_origin]
    if not own:
        return richest
    best = max(own, key=lambda seen: seen.length)
    return richest if richest.length > MUCH_RICHER * max(best.length, 1) else best


def _published(live: Sequence[Seen], best: Seen) -> datetime:
    if best.dated:
        return best.stated_at
    dated = [seen.stated_at for seen in live if seen.dated]
    return min(dated) if dated else min(seen.stated_at for seen in live)
