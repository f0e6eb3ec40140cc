"""What a kind of source must offer, and the values that pass between it and the pipeline.

A collector does no I/O. It says what to request (`ask`) and reads the answer (`parse`); the
pipeline fetches, paces, retries and stores. `parse` runs in a worker process that may be killed,
so everything here can be pickled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from models.domain.post import RawPost
from models.domain.source import SourceSpec

FEED_LIMIT = 5 * 1024 * 1024
"""Bytes of a feed or timeline after decoding."""
PAGE_LIMIT = 2 * 1024 * 1024
"""Bytes of a web page after decoding."""


class CollectError(Exception):
    """The answer cannot be used. The text is one sentence for the person who runs the source.

    `code` is a stable word for it (`not-a-feed`, `wants-token`, `timeout`, …); `mend` says in one
    sentence what to do, or is empty; `retry_after` is in seconds, where the source named a time.
    """

    def __init__(
        self, code: str, message: str, *, mend: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.mend = mend
        self.retry_after = retry_after

    @property
    def text(self) -> str:
        """What happened and what mends it, in whole sentences."""
        parts = (part.strip() for part in (self.message, self.mend) if part.strip())
        return " ".join(f"{part[0].upper()}{part[1:].rstrip('.')}." for part in parts)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions with keyword arguments do not survive pickling by themselves.
        return _rebuild, (self.code, self.message, self.mend, self.retry_after)


def _rebuild(code: str, message: str, mend: str, retry_after: float | None) -> CollectError:
    return CollectError(code, message, mend=mend, retry_after=retry_after)


NO_ANSWER = 0
"""Stands for a status where no usable answer came: the name cannot be found, the address is
refused, the connection or the body broke off, it took too long.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, a GET; the pipeline adds validators, User-Agent and, where kept, a token."""

    url: str
    limit: int = FEED_LIMIT
    accept: str = "*/*"
    conditional: bool = True
    """Whether the stored ETag and Last-Modified belong to this very URL."""
    answers: frozenset[int] = frozenset()
    """Error statuses, `NO_ANSWER` among them, that `parse` wants to read itself; all others fail
    the source.
    """


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to an `Ask`."""

    url: str
    """The final address, after redirects."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case; several values of one name joined by `, `."""
    body: bytes
    """Decoded of its content coding, within the `Ask`'s limit."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a source says of its own rhythm. Seconds; None where it says nothing."""

    ttl: float | None = None
    """RSS `ttl`, or the period of `sy:updatePeriod`/`sy:updateFrequency`."""
    skip_hours: frozenset[int] = frozenset()
    """RSS `skipHours`: hours of the day in UTC, 0–23."""
    skip_days: frozenset[int] = frozenset()
    """RSS `skipDays`: 0 is Monday."""
    hub: str | None = None
    """WebSub hub the feed names."""
    self_url: str | None = None
    """The feed's own idea of its address (`rel=self`): the topic for WebSub."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one answer held."""

    posts: tuple[RawPost, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    """Replaces the source's cursor; JSON values only."""
    more: bool = False
    """Ask again at once, with the new cursor: next page, or homepage -> discovered feed.

    Then the cursor is stored together with the entries, and not at all where there are none: a run
    that fails later on begins the next time where its last entries were stored.
    """
    title: str | None = None
    """The source's own title, plain text."""
    homepage: str | None = None
    hints: Hints = Hints()
    complete: bool = False
    """RFC 5005 `fh:complete`: whatever is not listed is no longer there."""
    partial: bool = False
    """Only what is new since the cursor, where others show their newest entries every time."""
    withdrawn: tuple[str, ...] = ()
    """External ids of entries the source says it deleted (RFC 6721)."""
    excluded: tuple[tuple[str, str, str | None], ...] = ()
    """(external id, reason, url) of entries left out by the source's rules (`not-public`, …)."""


@runtime_checkable
class Collector(Protocol):
    """One kind of source."""

    kind: str
    pace: tuple[float, float]
    """Least and greatest seconds between two polls of one source of this kind."""

    def ask(self, source: SourceSpec) -> Ask:
        """What to request next."""

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        """Reads an answer. Raises `CollectError` where it cannot be used at all."""
