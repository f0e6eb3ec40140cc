"""What an entry means for what is already known of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto

from models.domain.post import Entry, Post


class SightingState(StrEnum):
    """What became of an entry of a source."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
    """The source took it back."""
    REMOVED = "removed"
    """Its source was taken out of the course, and speaks for no post any more."""
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
    boosts: int = 0
    replies: int = 0
    check_at: datetime | None = None
    checks: int = 0
    answers_at: datetime | None = None
    own_id: str | None = None
    """The part of the post it belongs to (`clusters.Part`)."""
    length: int = 0
    """Characters of its content."""


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
    if known.state is not SightingState.UNMATCHED:
        return Decision.SAME  # whatever else changes in it, it stays withdrawn
    is_same = (known.digest, known.reason) == (entry.digest, entry.reason)
    return Decision.SAME if is_same else Decision.NOTED
