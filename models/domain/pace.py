"""When a source is due next: its own rhythm, the hints it gives, back-off, jitter.

All spans are seconds. Randomness comes in as an argument (`chance`, 0 up to 1).
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = 3600.0
DAY = 24 * HOUR
PAUSE_AFTER = 14 * DAY
"""A source that has failed this long is paused."""
LONGEST_WAIT = 30 * DAY
"""A `Retry-After` beyond this is cut to it: it would be a mistake."""
SHORTEST_BACK_OFF = 60.0
JITTER = 0.1
"""Share of the interval by which polls are spread, to both sides."""

_LIVELY = 2 * HOUR
_QUIET = 6 * HOUR


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a source has posted lately."""

    posts_a_day: float
    """Over the last four weeks."""
    silent_for: float | None
    """Since its newest post, or None where it has none."""


@dataclass(frozen=True, slots=True)
class PaceHints:
    """What a source asks for."""

    fresh_for: float | None = None
    """`Cache-Control: max-age` or `Expires`."""
    ttl: float | None = None
    skip_hours: Set[int] = frozenset()
    skip_days: Set[int] = frozenset()


def interval(rhythm: Rhythm, hints: PaceHints, bounds: tuple[float, float]) -> float:
    """Seconds to the next poll after a success, within `bounds`, before jitter.

    A source that posts often is asked often. One that has been silent for two weeks is asked every
    six hours, for two months daily. Hints only lengthen the wait, to a day at the most.
    """
    least, greatest = bounds
    wanted = _by_rhythm(rhythm)
    asked = max(hints.fresh_for or 0.0, hints.ttl or 0.0)
    return min(max(wanted, asked, least), greatest)


def _by_rhythm(rhythm: Rhythm) -> float:
    silent = rhythm.silent_for
    if silent is not None and silent > 60 * DAY:
        return DAY
    if silent is not None and silent > 14 * DAY:
        return _QUIET
    return _LIVELY / (1.0 + 3.0 * rhythm.posts_a_day)


def next_due(
    now: datetime, seconds: float, hints: PaceHints, *, bounds: tuple[float, float], chance: float
) -> datetime:
    """`now` plus the interval with jitter, moved past the hours and days the source rules out.

    Jitter keeps within `bounds`. Ruled-out times are hints of what may be skipped (RSS 2.0): a
    source that rules out more than the longest wait is asked at its end.
    """
    least, greatest = bounds
    earliest = max(seconds * (1.0 - JITTER), least)
    latest = min(seconds * (1.0 + JITTER), greatest)
    due = now + timedelta(seconds=earliest + chance * max(latest - earliest, 0.0))
    longest = now + timedelta(seconds=greatest)
    return min(_allowed(due, hints), max(due, longest))


def _allowed(due: datetime, hints: PaceHints) -> datetime:
    """The first moment from `due` on whose hour and weekday (UTC) are not ruled out."""
    if len(hints.skip_hours) >= 24 or len(hints.skip_days) >= 7:
        return due  # a feed that rules out everything means nothing by it
    for _ in range(8 * 24):
        if due.weekday() not in hints.skip_days and due.hour not in hints.skip_hours:
            break
        due = due.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def back_off(failures: int, bounds: tuple[float, float], retry_after: float | None) -> float:
    """Seconds to the next try after the n-th failure running: doubled each time, up to a day.

    Never before the time that the source itself named.
    """
    least, _ = bounds
    wait = min(max(least, SHORTEST_BACK_OFF) * 2.0 ** min(max(failures - 1, 0), 20), DAY)
    return wait if retry_after is None else max(wait, min(retry_after, LONGEST_WAIT))
