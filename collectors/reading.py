"""Reading an answer: parse, then normalise every entry. Runs in a worker process, pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.contract import Batch, Event, Hints, LookingBack, Reply, Streaming
from collectors.registry import collector
from models.domain.backfill import PageRead
from models.domain.html import strip_controls
from models.domain.identity import digest, entry_key
from models.domain.normalise import left_out, normalise, published_at
from models.domain.post import Entry, Post, RawPost
from models.domain.source import Derived, Match, Rule, SourceSpec


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer held, safe and ready to be stored."""

    entries: tuple[Entry, ...]
    cursor: Mapping[str, Any]
    more: bool
    title: str | None
    homepage: str | None
    hints: Hints
    complete: bool
    withdrawn: tuple[str, ...]
    """Entry keys."""
    derived: tuple[Derived, ...] = ()
    bearer: str | None = None
    address: str | None = None
    partial: bool = False
    checked: tuple[str, ...] = ()
    """Entry keys."""
    answered: tuple[str, ...] = ()
    """Entry keys."""
    deleted: tuple[str, ...] = ()
    """Remote ids."""


def read(source: SourceSpec, reply: Reply, now: datetime) -> Reading:
    """Raises `CollectError` where the answer cannot be used at all."""
    return normalised(source, collector(source.kind).parse(source, reply), now)


def read_events(source: SourceSpec, events: Sequence[Event], now: datetime) -> Reading:
    """What a stream said, of a kind that streams."""
    kind = collector(source.kind)
    assert isinstance(kind, Streaming)
    return normalised(source, kind.changes(source, events), now)


def normalised(source: SourceSpec, batch: Batch, now: datetime) -> Reading:
    """What a collector has read, made safe."""
    entries = _entries(batch, _titled(source, batch.title), now)
    return Reading(
        entries=entries,
        cursor=batch.cursor,
        more=batch.more,
        title=batch.title,
        homepage=batch.homepage,
        hints=batch.hints,
        complete=batch.complete,
        withdrawn=_keys(batch.withdrawn),
        derived=(*batch.derived, *_comment_feeds(entries, source.rule, now)),
        bearer=batch.bearer,
        address=batch.address,
        partial=batch.partial,
        checked=_keys(batch.checked),
        answered=_keys(batch.answered),
        deleted=batch.deleted,
    )


def _titled(source: SourceSpec, title: str | None) -> SourceSpec:
    """The source as this answer names it: authors without a name of their own are called by that.

    With the title of the answer before, they would all change their names at the next one.
    """
    if not title or "title" in source.options:
        return source
    return replace(source, title=strip_controls(title))


@dataclass(frozen=True, slots=True)
class Past:
    """What a page of older entries held, safe and ready to be stored."""

    entries: tuple[Entry, ...]
    """Without those from before what is wanted."""
    page: PageRead
    derived: tuple[Derived, ...]
    bearer: str | None


def read_back(source: SourceSpec, reply: Reply, since: datetime, now: datetime) -> Past:
    """A page of older entries, of a kind that shows them. Raises `CollectError`."""
    kind = collector(source.kind)
    assert isinstance(kind, LookingBack)
    batch = kind.read_back(source, reply)
    times = {post.external_id: _written(post, now) for post in batch.posts}
    dated = [time for time in times.values() if time is not None]
    wanted = tuple(post for post in batch.posts if (times[post.external_id] or since) >= since)
    entries = _entries(replace(batch, posts=wanted), source, now)
    ids = sorted([*times, *(external_id for external_id, _, _ in batch.excluded)])
    return Past(
        entries=entries,
        page=PageRead(
            following=batch.cursor if batch.more else None,
            holds=digest(*ids) if ids else None,
            oldest=min(dated, default=None),
            newest=max(dated, default=None),
        ),
        derived=(*batch.derived, *_comment_feeds(entries, source.rule, now)),
        bearer=batch.bearer,
    )


def _written(post: RawPost, now: datetime) -> datetime | None:
    """When, as far as that is to be believed."""
    time, dated = published_at(post, now)
    return time if dated else None


def _keys(external_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(entry_key(external_id) for external_id in external_ids)


COMMENTED = timedelta(days=60)
"""How old a post may be when it is found, for its comments to be followed."""


def _comment_feeds(entries: Sequence[Entry], rule: Rule, now: datetime) -> Iterator[Derived]:
    """Of the course's own posts only: what others are told elsewhere is not its conversation."""
    for entry in entries:
        if isinstance(entry, Post) and entry.comments_url and _is_talked_about(entry, rule, now):
            yield Derived("comments", entry.comments_url, Match.ALL, {"post": entry.url})


def _is_talked_about(post: Post, rule: Rule, now: datetime) -> bool:
    """Whether it is of late, or of the course's weeks, however long ago they were."""
    begins, ends = rule.taught or (0.0, 0.0)
    return now - post.published_at < COMMENTED or begins <= post.published_at.timestamp() < ends


def _entries(batch: Batch, source: SourceSpec, now: datetime) -> tuple[Entry, ...]:
    """One entry for each id; where an answer repeats one, the first stands."""
    found: dict[str, Entry] = {}
    for raw in batch.posts:
        key = entry_key(raw.external_id)
        if key not in found:
            found[key] = normalise(raw, source, now)
    for external_id, reason, url in batch.excluded:
        found.setdefault(entry_key(external_id), left_out(external_id, reason, url))
    return tuple(found.values())
