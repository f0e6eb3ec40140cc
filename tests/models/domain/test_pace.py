from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.domain.pace import (
    DAY,
    HOUR,
    JITTER,
    LONGEST_WAIT,
    PaceHints,
    Rhythm,
    back_off,
    interval,
    next_due,
)

FEED, TIMELINE = (600.0, DAY), (20.0, 120.0)
bounds = st.sampled_from([FEED, TIMELINE])
spans = st.one_of(
    st.none(), st.floats(0, 1e12), st.sampled_from([0.0, 59.0, 3600.0, 86400.0, 1e300])
)
rhythms = st.builds(Rhythm, st.floats(0, 1e6), spans)
hints = st.builds(
    PaceHints,
    fresh_for=spans,
    ttl=spans,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
chances = st.floats(0, 1, exclude_max=True)
NOTHING = PaceHints()
MONDAY = datetime(2014, 10, 6, 12, 0, tzinfo=UTC)


@given(rhythms, hints, bounds)
def test_the_interval_keeps_within_its_bounds(
    rhythm: Rhythm, wanted: PaceHints, kind: tuple[float, float]
) -> None:
    least, greatest = kind
    assert least <= interval(rhythm, wanted, kind) <= greatest


@given(st.floats(0, 1e4), st.floats(0, 1e4), spans)
def test_who_posts_more_is_asked_more_often(one: float, other: float, silent: float | None) -> None:
    rarely, often = sorted((one, other))
    assert interval(Rhythm(often, silent), NOTHING, FEED) <= interval(
        Rhythm(rarely, silent), NOTHING, FEED
    )


@given(st.floats(0, 1e4), st.floats(0, 400 * DAY), st.floats(0, 400 * DAY))
def test_who_is_silent_for_longer_is_not_asked_more_often(
    rate: float, one: float, other: float
) -> None:
    shortly, long = sorted((one, other))
    assert interval(Rhythm(rate, shortly), NOTHING, FEED) <= interval(
        Rhythm(rate, long), NOTHING, FEED
    )


@given(rhythms, hints, bounds)
def test_hints_only_lengthen_the_wait(
    rhythm: Rhythm, wanted: PaceHints, kind: tuple[float, float]
) -> None:
    waited = interval(rhythm, wanted, kind)
    assert waited >= interval(rhythm, NOTHING, kind)
    assert waited >= min(max(wanted.fresh_for or 0, wanted.ttl or 0), kind[1])


@pytest.mark.parametrize(
    ("rhythm", "wanted", "seconds"),
    [
        (Rhythm(0, None), NOTHING, 2 * HOUR),
        (Rhythm(1, HOUR), NOTHING, 0.5 * HOUR),
        (Rhythm(50, 60), NOTHING, 600),
        (Rhythm(0, 20 * DAY), NOTHING, 6 * HOUR),
        (Rhythm(0, 70 * DAY), NOTHING, DAY),
        (Rhythm(50, 60), PaceHints(ttl=3600), HOUR),
        (Rhythm(50, 60), PaceHints(fresh_for=1800, ttl=60), 0.5 * HOUR),
        (Rhythm(50, 60), PaceHints(ttl=30 * DAY), DAY),
    ],
)
def test_intervals(rhythm: Rhythm, wanted: PaceHints, seconds: float) -> None:
    assert interval(rhythm, wanted, FEED) == pytest.approx(seconds)


@given(moments, rhythms, hints, bounds, chances)
def test_the_next_poll_comes_within_the_bounds_whatever_the_source_says(
    now: datetime, rhythm: Rhythm, wanted: PaceHints, kind: tuple[float, float], chance: float
) -> None:
    seconds = interval(rhythm, wanted, kind)
    due = next_due(now, seconds, wanted, bounds=kind, chance=chance)
    assert now + timedelta(seconds=kind[0]) <= due <= now + timedelta(seconds=kind[1])


@given(moments, st.floats(600, DAY), bounds, chances)
def test_jitter_spreads_by_its_share_at_the_most(
    now: datetime, seconds: float, kind: tuple[float, float], chance: float
) -> None:
    assume(kind[0] <= seconds <= kind[1])
    waited = (next_due(now, seconds, NOTHING, bounds=kind, chance=chance) - now).total_seconds()
    assert abs(waited - seconds) <= JITTER * seconds + 1e-3


@given(st.floats(20, DAY), bounds)
def test_jitter_does_spread(seconds: float, kind: tuple[float, float]) -> None:
    assume(kind[0] <= seconds <= kind[1])
    dues = {next_due(MONDAY, seconds, NOTHING, bounds=kind, chance=n / 10) for n in range(10)}
    assert len(dues) == 10


@given(moments, st.floats(600, DAY), hints, chances)
def test_ruled_out_times_are_skipped_as_far_as_a_day_reaches(
    now: datetime, seconds: float, wanted: PaceHints, chance: float
) -> None:
    due = next_due(now, seconds, wanted, bounds=FEED, chance=chance)
    is_ruled_out = due.hour in wanted.skip_hours or due.weekday() in wanted.skip_days
    rules_out_all = len(wanted.skip_hours) >= 24 or len(wanted.skip_days) >= 7
    assert not is_ruled_out or rules_out_all or due == now + timedelta(days=1)


@pytest.mark.parametrize(
    ("wanted", "due"),
    [
        (PaceHints(skip_hours=frozenset({13, 14})), MONDAY.replace(hour=15)),
        (PaceHints(skip_hours=frozenset(range(24))), MONDAY.replace(hour=13)),
        (PaceHints(skip_hours=frozenset({*range(12, 24), 0})), MONDAY + timedelta(hours=13)),
        (PaceHints(skip_days=frozenset({0})), MONDAY.replace(hour=0) + timedelta(days=1)),
        (PaceHints(skip_days=frozenset({0, 1, 2})), MONDAY + timedelta(days=1)),
        (PaceHints(skip_days=frozenset(range(7))), MONDAY.replace(hour=13)),
    ],
)
def test_skipping(wanted: PaceHints, due: datetime) -> None:
    assert next_due(MONDAY, HOUR, wanted, bounds=FEED, chance=0.5) == due


@given(st.integers(-5, 10**6), bounds)
def test_back_off_doubles_up_to_a_day(failures: int, kind: tuple[float, float]) -> None:
    wait = back_off(failures, kind, None)
    assert max(kind[0], 60) <= wait <= DAY
    assert wait <= back_off(failures + 1, kind, None) <= 2 * wait


def test_back_off_reaches_a_day_and_stays_there() -> None:
    assert [back_off(n, FEED, None) for n in (1, 2, 3)] == [600, 1200, 2400]
    assert [back_off(n, TIMELINE, None) for n in (1, 2)] == [60, 120]
    assert back_off(9, FEED, None) == back_off(1000, FEED, None) == DAY


@given(st.integers(1, 100), bounds, st.floats(0, 1e9))
def test_the_time_a_source_names_is_obeyed(
    failures: int, kind: tuple[float, float], after: float
) -> None:
    wait = back_off(failures, kind, after)
    assert wait >= min(after, LONGEST_WAIT)
    assert wait >= back_off(failures, kind, None)
    assert wait <= max(LONGEST_WAIT, DAY)
