"""What a kind of source must offer, and the values that pass between it and the pipeline.

A collector does no I/O. It says what to request (`ask`) and reads the answer (`parse`); the
pipeline fetches, paces, retries and stores. `parse` runs in a worker process that may be killed,
so everything here can be pickled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from models.domain.post import RawPost
from models.domain.source import Derived, SourceSpec

SECRET = "{secret}"  # noqa: S105 - a placeholder
"""Stands for the source's secret in an `Ask`'s body, as the content of a JSON string."""
FEED_LIMIT = 5 * 1024 * 1024
"""Bytes of a feed or timeline after decoding."""
RESTS = "rests"
"""Code of the `CollectError` by which a source keeps within its own limits: it rests until
`retry_after`, and nothing has failed."""
BY_ITSELF = "it is asked again later by itself"
"""How it comes to be tried again, at a source that is collected."""
PAGE_LIMIT = 2 * 1024 * 1024
"""Bytes of a web page after decoding."""


class CollectError(Exception):
    """The answer cannot be used. The text is one sentence for the person who runs the source.

    `code` is a stable word for it (`not-a-feed`, `wants-token`, `timeout`, …); `mend` says in one
    sentence what to do, or is empty; `retry_after` is in seconds, where the source named a time.
    `passing`: it may be gone in a while without anybody's doing. Then `mend` is what to do if it
    stays, after `again`, which says how it comes to be tried again.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        mend: str = "",
        retry_after: float | None = None,
        passing: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.passing = passing
        self.again = BY_ITSELF if passing else ""
        self._mend = mend

    @property
    def mend(self) -> str:
        """What mends it, in one sentence; empty where nothing does."""
        return "; ".join(part for part in (self.again, self._mend) if part)

    @property
    def text(self) -> str:
        """What happened and what mends it, in whole sentences."""
        parts = (part.strip() for part in (self.message, self.mend) if part.strip())
        return " ".join(f"{_begun(part).rstrip('.')}." for part in parts)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions with keyword arguments do not survive pickling by themselves.
        return _rebuild, (self.code, self.message, self._mend, self.retry_after, self.passing)


def _begun(sentence: str) -> str:
    """With a capital, unless it begins with an address: that is to be copied as it is."""
    if "://" in sentence.partition(" ")[0]:
        return sentence
    return sentence[0].upper() + sentence[1:]


def _rebuild(
    code: str, message: str, mend: str, retry_after: float | None, passing: bool
) -> CollectError:
    return CollectError(code, message, mend=mend, retry_after=retry_after, passing=passing)


NO_ANSWER = 0
"""Stands for a status where no usable answer came: the name cannot be found, the address is
refused, the connection or the body broke off, it took too long.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; the pipeline adds validators, User-Agent and the source's secret, if any."""

    url: str
    method: str = "GET"
    body: bytes | None = None
    """Goes along with a POST; `SECRET` in it stands for the source's secret."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further ones, `Content-Type` among them; they stay with the origin asked."""
    with_secret: bool = False
    """Whether the source's secret goes along: for addresses that it belongs to, and no others."""
    limit: int = FEED_LIMIT
    accept: str = "*/*"
    conditional: bool = True
    """Whether the stored ETag and Last-Modified belong to this very URL."""
    follows: bool = True
    """Whether redirects are followed; else they are errors."""
    answers: frozenset[int] = frozenset()
    """Error statuses, `NO_ANSWER` among them, that `parse` wants to read itself; all others fail
    the source.
    """


@dataclass(frozen=True, slots=True)
class Event:
    """What a stream says: a name (`message` where it gives none) and its data."""

    name: str
    data: str


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
    older: str | None = None
    """The document with the entries before these (RFC 5005 `prev-archive`, `next`; JSON Feed
    `next_url`).
    """
    pages: bool = False
    """Whether its platform (WordPress) gives older entries by `?paged=N`."""


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
    address: str | None = None
    """Where the source is best registered, if not under the address given: a handle's profile."""
    hints: Hints = Hints()
    complete: bool = False
    """RFC 5005 `fh:complete`: whatever is not listed is no longer there."""
    partial: bool = False
    """Only what is new since the cursor, where others show their newest entries every time."""
    withdrawn: tuple[str, ...] = ()
    """External ids of entries the source says it deleted (RFC 6721)."""
    excluded: tuple[tuple[str, str, str | None], ...] = ()
    """(external id, reason, url) of entries left out by the source's rules (`not-public`, …)."""
    derived: tuple[Derived, ...] = ()
    """Sources this one leads to; they are followed beside it, and share its fate."""
    bearer: str | None = None
    """A token for the rest of this run, in place of the source's secret; never stored."""
    checked: tuple[str, ...] = ()
    """External ids of the posts of `Errands.recheck` that were looked at in this answer."""
    answered: tuple[str, ...] = ()
    """External ids of the posts of `Errands.answers_to` whose replies this answer held."""
    deleted: tuple[str, ...] = ()
    """Remote ids of statuses that a stream says were deleted, known or not."""


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


@dataclass(frozen=True, slots=True)
class Channel:
    """A stream's two addresses, both http(s): the token goes there along."""

    events: str
    """As an event stream (text/event-stream)."""
    websocket: str


@runtime_checkable
class Streaming(Protocol):
    """A kind whose sources, given a secret, tell by themselves what is new."""

    def locate(self, source: SourceSpec) -> Ask:
        """What to request to learn where the stream is."""

    def channels(self, source: SourceSpec, reply: Reply) -> Sequence[Channel]:
        """What to open, by the answer to that. Raises `CollectError`."""

    def changes(self, source: SourceSpec, events: Sequence[Event]) -> Batch:
        """What a few events say: `posts`, `excluded` and `deleted`."""


@runtime_checkable
class _ComingByItself(Protocol):
    comes_by_itself: bool


def comes_by_itself(collector: Collector) -> bool:
    """Whether sources of this kind are found by others, and never registered by hand."""
    return isinstance(collector, _ComingByItself) and collector.comes_by_itself


@runtime_checkable
class LookingBack(Protocol):
    """A kind whose sources show their older entries page by page, down from the newest.

    `source.past` is the page: empty for the newest of a way, then what `Batch.cursor` said, with
    the way's number (`models.domain.backfill.WAY`). `source.cursor` is that of the ordinary
    collecting, as it stands, and so is the secret; neither is changed.
    """

    def ways(self, source: SourceSpec) -> int:
        """How many ways there are, one after another: mostly one, else one for each hashtag."""

    def look_back(self, source: SourceSpec) -> Ask:
        """What to request for the page. Raises `CollectError`, `no-past` where there is none."""

    def read_back(self, source: SourceSpec, reply: Reply) -> Batch:
        """Reads the answer: `posts` and `excluded`, however old; with `more`, `cursor` is the page
        before. Absence and deletions mean nothing here. Raises `CollectError`.
        """


NO_PAST = "no-past"
"""Code of the `CollectError` of a source that shows nothing older than it showed anyway."""


def looks_after(collector: Collector) -> bool:
    """Whether sources of this kind can be asked for `Errands`: those with a `looks_after`."""
    # Asked for each fetch, and a look at a protocol costs as much as a row of the database.
    return bool(getattr(collector, "looks_after", False))
