"""What a fetch means for its source: columns to set, when it is due next. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collectors.contract import RESTS, CollectError, Hints
from collectors.http import Fetched, HttpError, Validators
from collectors.reading import Reading
from models.domain.html import strip_controls
from models.domain.links import host_key
from models.domain.pace import (
    DAY,
    PAUSE_AFTER,
    PaceHints,
    Rhythm,
    back_off,
    interval,
    next_due,
)
from models.domain.post import Post
from models.domain.source import SourceState
from models.store.sources import SourceRow

A_DAY = timedelta(days=1)
LATELY = timedelta(days=28)
STREAMED = (600.0, 600.0)
"""Seconds between polls while a stream brings what is new: for what streams leave out."""
MOVES = 3
"""Permanent redirects seen this often, running, are believed."""
PUSHED = 5.0
"""How much longer than the longest interval of its kind a source waits while its news come by
themselves; a day at the most."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A host wants no request for so many seconds, whatever its sources' times."""

    host: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run over one source, ready to be written."""

    source: SourceRow
    outcome: str
    """`fetched`, `unchanged` or `failed`."""
    at: datetime
    values: Mapping[str, Any]
    status: int | None = None
    seconds: float = 0.0
    size: int = 0
    error: CollectError | None = None
    rest: Rest | None = None


def succeeded(
    source: SourceRow,
    fetched: Fetched,
    reading: Reading | None,
    *,
    times: Sequence[datetime],
    bounds: tuple[float, float],
    body_digest: str | None,
    rule_digest: str,
    conditional: bool,
    now: datetime,
    chance: float,
) -> Outcome:
    """`reading` is None where the answer repeats what is known; `times` are the publication times
    in all answers of the run; `conditional` says whether the next request repeats the last.
    """
    hints = dict(source.hints) if reading is None else _hints(source, reading, times, now)
    wait = _pace_hints(hints, fetched.fresh_for)
    if is_streamed(source, now):
        bounds = STREAMED
    seconds = interval(_rhythm(hints, now), wait, bounds)
    if source.pushed_until is not None and source.pushed_until > now:
        seconds = max(seconds, min(DAY, bounds[1] * PUSHED))
    kept = fetched.validators if conditional else Validators()
    values: dict[str, Any] = {
        "failures": 0,
        "failing_since": None,
        "last_error": None,
        "error_code": None,
        "last_fetch_at": now,
        "last_success_at": now,
        "etag": kept.etag,
        "last_modified": kept.last_modified,
        "rule_digest": rule_digest,
        "hints": hints,
        "interval": seconds,
        "due_at": next_due(now, seconds, wait, bounds=bounds, chance=chance),
        **_moving(source, fetched.moved_to),
    }
    if reading is not None:
        values["body_digest"] = body_digest if conditional else None
        values["cursor"] = dict(reading.cursor)
        values |= _naming(source, reading)
    return Outcome(
        source=source,
        outcome="unchanged" if reading is None else "fetched",
        at=now,
        values=values,
        status=fetched.reply.status,
        seconds=fetched.seconds,
        size=len(fetched.reply.body),
        rest=Rest(host_key(fetched.reply.url), fetched.rest) if fetched.rest else None,
    )


def is_streamed(source: SourceRow, now: datetime) -> bool:
    """Whether its stream is up, and whoever holds it alive."""
    until = source.live_until
    return source.live_since is not None and until is not None and until > now


def failed(
    source: SourceRow, error: CollectError, *, bounds: tuple[float, float], now: datetime
) -> Outcome:
    """Back-off; gone after a 410; paused after two weeks without success."""
    if error.code == RESTS:
        return _resting(source, error, now)
    # A clock that was set back must not make a failure last for ever.
    since = min(source.failing_since or now, now)
    failures = source.failures + 1
    wait = back_off(failures, bounds, error.retry_after)
    values: dict[str, Any] = {
        "failures": failures,
        "failing_since": since,
        "last_error": strip_controls(error.text),
        "error_code": error.code,
        "last_fetch_at": now,
        "due_at": now + timedelta(seconds=wait),
        "moving_to": None,  # what was seen before it is not seen running
        "moves_seen": 0,
    }
    if _is_absent(source, error):
        values |= _stopped(SourceState.REMOVED, "there is no such feed")
    elif error.code == "gone":
        values |= _stopped(SourceState.GONE, "it answered 410: gone for good")
    elif (now - since).total_seconds() > PAUSE_AFTER:
        values |= _stopped(SourceState.PAUSED, "no success for 14 days")
    return Outcome(
        source,
        "failed",
        now,
        values,
        status=error.status if isinstance(error, HttpError) else None,
        error=error,
        rest=rest_after(error, wait),
    )


def rest_after(error: CollectError, wait: float) -> Rest | None:
    """A host that asks for fewer requests, or names a time, rests as a whole; `wait` seconds where
    it names none.
    """
    if isinstance(error, HttpError) and (error.status == 429 or error.retry_after):
        return Rest(error.host, wait if error.retry_after is None else error.retry_after)
    return None


ABSENT = frozenset({"gone", "http-404", "http-400", "http-403", "not-a-feed", "empty-body"})
"""What the first answer of a feed that was only supposed says where it is not there."""


def _is_absent(source: SourceRow, error: CollectError) -> bool:
    """A feed that its platform usually has, and this blog does not: no failure, no source."""
    supposed = bool(source.options.get("optional")) and source.last_success_at is None
    return supposed and error.code in ABSENT


def _resting(source: SourceRow, error: CollectError, now: datetime) -> Outcome:
    values: dict[str, Any] = {
        "last_error": error.text,
        "error_code": error.code,
        "due_at": now + timedelta(seconds=error.retry_after or DAY),
    }
    return Outcome(source, "failed", now, values, error=error)


def _stopped(state: SourceState, reason: str) -> Mapping[str, Any]:
    return {"state": state.value, "state_reason": reason, "due_at": None}


def publication_times(reading: Reading) -> list[datetime]:
    """Of the course's posts in an answer, as far as the source gives them."""
    return [post.published_at for post in reading.entries if isinstance(post, Post) and post.dated]


def _hints(
    source: SourceRow, reading: Reading, times: Sequence[datetime], now: datetime
) -> dict[str, Any]:
    """What the source says of its rhythm and what its entries show, as JSON."""
    said: Hints = reading.hints
    newest = max((time.timestamp() for time in times), default=None)
    if reading.partial:
        rate = _added_up(source, times, now)
        known = source.hints.get("newest")
        newest = max((time for time in (newest, known) if time is not None), default=None)
    else:
        rate = _shown(times, now)
    found: dict[str, Any] = {
        "ttl": said.ttl,
        "skip_hours": sorted(said.skip_hours) or None,
        "skip_days": sorted(said.skip_days) or None,
        "hub": said.hub,
        "self": said.self_url,
        "a_day": rate,
        "newest": newest,
    }
    return {key: value for key, value in found.items() if value is not None}


def _shown(times: Sequence[datetime], now: datetime) -> float:
    """Posts a day by a window of the newest entries, which may reach back less than four weeks."""
    past = [time for time in times if time <= now]
    recent = sum(time > now - LATELY for time in past)
    span = min(max(now - min(past), A_DAY), LATELY) if past else LATELY
    return round(recent / (span / A_DAY), 3)


def _added_up(source: SourceRow, times: Sequence[datetime], now: datetime) -> float:
    """Posts a day by what is new in each answer: the older an answer, the less it weighs."""
    recent = sum(now - LATELY < time <= now for time in times)
    last = source.last_success_at
    age = 0.0 if last is None else max((now - last) / LATELY, 0.0)
    before = float(source.hints.get("a_day", 0.0)) * math.exp(-age)
    return before + recent / (LATELY / A_DAY)


def _rhythm(hints: Mapping[str, Any], now: datetime) -> Rhythm:
    newest = hints.get("newest")
    silent = None if newest is None else max(0.0, now.timestamp() - newest)
    return Rhythm(float(hints.get("a_day", 0.0)), silent)


def _pace_hints(hints: Mapping[str, Any], fresh_for: float | None) -> PaceHints:
    return PaceHints(
        fresh_for=fresh_for,
        ttl=hints.get("ttl"),
        skip_hours=frozenset(hints.get("skip_hours", ())),
        skip_days=frozenset(hints.get("skip_days", ())),
    )


def _moving(source: SourceRow, moved_to: str | None) -> Mapping[str, Any]:
    if moved_to is None:
        return {"moving_to": None, "moves_seen": 0}
    seen = source.moves_seen + 1 if source.moving_to == moved_to else 1
    return {"moving_to": moved_to, "moves_seen": seen}


def _naming(source: SourceRow, reading: Reading) -> Mapping[str, Any]:
    """The source's title, unless one was given by hand, and its homepage."""
    found: dict[str, Any] = {}
    if reading.title and "title" not in source.options:
        found["title"] = strip_controls(reading.title)[:300]
    if reading.homepage:
        found["homepage"] = reading.homepage
    return found
