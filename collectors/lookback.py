"""What looking back at older entries is told, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from collectors.contexts import CourseContext
from collectors.contract import NO_PAST, SECRET, Ask, CollectError, LookingBack
from collectors.registry import collector
from models.domain.backfill import Walk
from models.domain.source import SourceSpec
from models.store import sources
from models.store.sources import SourceRow


class Outcome(StrEnum):
    """What became of the walk to a source's older entries."""

    COMPLETE = "complete"
    UNFINISHED = "unfinished"
    """It goes on the next time: a limit was reached, or the host wants to rest."""
    NO_PAST = "no past"
    """The source shows nothing older."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It is not asked at all: paused, or gone."""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What became of one source."""

    source: SourceRow
    outcome: Outcome
    walk: Walk | None = None
    pages: int = 0
    """Asked for now."""
    new: int = 0
    """Posts that this brought."""
    error: CollectError | None = None


@dataclass(frozen=True, slots=True)
class LookBack:
    """How it is looked back. Times are in seconds."""

    since: datetime | None = None
    """None: to the course's start."""
    anew: bool = False
    """Begins at the newest page, whatever was read before."""
    most_pages: int = 1000
    """Requests of one source in one go: there are archives without an end."""
    retries: Sequence[float] = (2.0, 10.0)
    """Waits after failures that may be passing."""
    patience: float = 20 * 60.0
    """The longest rest of a host that is waited for; Mastodon counts by 15 minutes."""
    breath: tuple[float, float] = (0.2, 10.0)
    """Between two pages, as long as the last one took: time for others to ask."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    on_page: Callable[[SourceRow, Walk], None] = lambda source, walk: None
    on_wait: Callable[[SourceRow, float], None] = lambda source, seconds: None
    on_done: Callable[[LookedBack], None] = lambda done: None


@dataclass(slots=True)
class Run:
    """One source, in this process."""

    source: SourceRow
    kind: LookingBack
    context: CourseContext
    begun: datetime
    anew: bool = False
    """Whether a walk that was begun before is left alone."""
    secret: str | None = None
    bearer: str | None = None
    walk: Walk | None = None
    pages: int = 0
    new: int = 0
    wait: float = 0.0
    """Seconds before the next page."""
    rests: int = 0
    """Times the page was put off by its host."""
    retries: Iterator[float] = field(default_factory=lambda: iter(()))
    """Further waits of this page."""

    def spec(self) -> SourceSpec:
        """The source as the course wants it."""
        name = self.context.name_of(self.source.participant_id)
        spec = sources.spec(self.source, self.context.course, participant_name=name)
        return replace(spec, now=self.begun.timestamp())

    def token(self, ask: Ask) -> str | None:
        """A sign-in takes the source's secret, what follows what that gave."""
        if not ask.with_secret:
            return None
        signs_in = ask.body is not None and SECRET.encode() in ask.body
        return self.secret if signs_in else self.bearer or self.secret

    def ended(self, outcome: Outcome, error: CollectError | None = None) -> LookedBack:
        return LookedBack(self.source, outcome, self.walk, self.pages, self.new, error)


@runtime_checkable
class _Pastless(Protocol):
    no_past: str


def no_past(kind: str) -> CollectError:
    """Why sources of this kind, which are not `LookingBack`, show nothing older."""
    known = collector(kind)
    why = known.no_past if isinstance(known, _Pastless) else f"{kind} shows what is new only"
    return CollectError(NO_PAST, why, mend="what it showed while it was collected stays")
