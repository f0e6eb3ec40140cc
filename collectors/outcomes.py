"""What a fetch means for its source: columns to set, when it is due next. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collectors.contract import CollectError, Hints
from collectors.http import Fetched, Validators
from collectors.reading import Reading
from models.domain.pace import (
    DAY,
    PAUSE_AFTER,
    PaceHints,
    Rhythm,
    back_off,
    interval,
    next_due,
)
from models.domain.post import Entry, Post
from models.domain.source import SourceState
from models.store.sources import SourceRow

LATELY = timedelta(days=28)
MOVES = 3
"""Permanent redirects seen this often, running, are believed."""
BUSY = "host-busy"
"""Code of a fetch that was put off because another collector talks to that host."""
BUSY_WAIT = 20.0


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


def succeeded(
    source: SourceRow,
    fetched: Fetched,
    reading: Reading | None,
    *,
    bounds: tuple[float, float],
    body_digest: str | None,
    rule_digest: str,
    conditional: bool,
    now: datetime,
    chance: float,
) -> Outcome:
    """`reading` is None where the answer repeats what is known."""
    hints = dict(source.hints) if reading is None else _hints(reading, now)
    wait = _pace_hints(hints, fetched.fresh_for)
    seconds = interval(_rhythm(hints, now), wait, bounds)
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
    )


def failed(
    source: SourceRow, error: CollectError, *, bounds: tuple[float, float], now: datetime
) -> Outcome:
    """Back-off; gone after a 410; paused after two weeks without success."""
    status: int | None = getattr(error, "status", None)
    if error.code == BUSY:
        return Outcome(
            source, "failed", now, {"due_at": now + timedelta(seconds=BUSY_WAIT)}, error=error
        )
    # A clock that was set back must not make a failure last for ever.
    since = min(source.failing_since or now, now)
    failures = source.failures + 1
    wait = back_off(failures, bounds, error.retry_after)
    values: dict[str, Any] = {
        "failures": failures,
        "failing_since": since,
        "last_error": error.text,
        "error_code": error.code,
        "last_fetch_at": now,
        "due_at": now + timedelta(seconds=wait),
    }
    if error.code == "gone":
        values |= _stopped(SourceState.GONE, "it answered 410: gone for good")
    elif (now - since).total_seconds() > PAUSE_AFTER:
        values |= _stopped(SourceState.PAUSED, "no success for 14 days")
    return Outcome(source, "failed", now, values, status=status, error=error)


def _stopped(state: SourceState, reason: str) -> Mapping[str, Any]:
    return {"state": state.value, "state_reason": reason, "due_at": None}


def _hints(reading: Reading, now: datetime) -> dict[str, Any]:
    """What the source says of its rhythm and what its entries show, as JSON."""
    said: Hints = reading.hints
    times = _times(reading.entries)
    recent = sum(now - LATELY < time <= now for time in times)
    found: dict[str, Any] = {
        "ttl": said.ttl,
        "skip_hours": sorted(said.skip_hours) or None,
        "skip_days": sorted(said.skip_days) or None,
        "hub": said.hub,
        "self": said.self_url,
        "a_day": round(recent * DAY / LATELY.total_seconds(), 3),
        "newest": max(times).timestamp() if times else None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _times(entries: Sequence[Entry]) -> list[datetime]:
    return [entry.published_at for entry in entries if isinstance(entry, Post) and entry.dated]


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
        found["title"] = reading.title[:300]
    if reading.homepage:
        found["homepage"] = reading.homepage
    return found
