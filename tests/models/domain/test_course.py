from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.course import Course, Week

ZONES = sorted(available_timezones() - {"localtime", "Factory"})
MOMENT = timedelta(microseconds=1)


def course(*weeks: Week, zone: str = "Europe/Berlin") -> Course:
    return Course("sample", "Ein Beispielkurs", ("sample",), timezone=zone, weeks=weeks)


def week(number: int, starts_on: date, days: int = 7) -> Week:
    return Week(number, f"Woche {number}", starts_on, starts_on + timedelta(days=days))


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Weeks of any length, with gaps, in any zone."""
    day = draw(st.dates(date(1995, 1, 1), date(2035, 1, 1)))
    weeks = []
    for number in range(draw(st.integers(1, 5))):
        day += timedelta(days=draw(st.integers(0, 20)))
        weeks.append(week(number, day, draw(st.integers(1, 30))))
        day = weeks[-1].ends_on
    return course(*weeks, zone=draw(st.sampled_from(ZONES)))


@given(courses())
def test_a_week_begins_and_ends_at_its_bounds(sample: Course) -> None:
    for each in sample.weeks:
        starts_at, ends_at = sample.bounds(each)
        assert starts_at < ends_at
        assert sample.week_at(starts_at) == each
        assert sample.week_at(ends_at - MOMENT) == each
        assert sample.week_at(starts_at - MOMENT) != each
        assert sample.week_at(ends_at) != each


@given(courses(), st.datetimes(datetime(1994, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_is_in_the_week_whose_bounds_hold_it(sample: Course, moment: datetime) -> None:
    inside = [each for each in sample.weeks if _holds(sample.bounds(each), moment)]
    found = sample.week_at(moment)
    assert inside == ([found] if found else [])
    assert found is None or found.starts_on <= sample.local_day(moment) < found.ends_on


def _holds(bounds: tuple[datetime, datetime], moment: datetime) -> bool:
    return bounds[0] <= moment < bounds[1]


@pytest.mark.parametrize(
    ("starts_on", "hours"),
    [
        (date(2014, 10, 6), 168),
        (date(2014, 10, 20), 169),  # summer time ends on the 26th
        (date(2015, 3, 23), 167),  # and begins on the 29th
    ],
)
def test_seven_days_have_an_hour_more_or_less_where_the_clock_changes(
    starts_on: date, hours: int
) -> None:
    sample = course(week(1, starts_on))
    starts_at, ends_at = sample.bounds(sample.weeks[0])
    assert ends_at - starts_at == timedelta(hours=hours)


def test_midnight_is_the_courses_own() -> None:
    assert course().midnight(date(2014, 10, 6)) == datetime(2014, 10, 5, 22, tzinfo=UTC)
    assert course().midnight(date(2014, 10, 27)) == datetime(2014, 10, 26, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4)),  # the clock went from 00:00 to 01:00
        ("Atlantic/Azores", date(2014, 10, 26)),  # from 01:00 back to 00:00
        ("Pacific/Apia", date(2011, 12, 31)),  # the day before was left out
    ],
)
def test_midnights_that_do_not_exist_or_come_twice(zone: str, day: date) -> None:
    sample = course(week(1, day), zone=zone)
    starts_at = sample.midnight(day)
    assert sample.local_day(starts_at) == day
    assert sample.local_day(starts_at - MOMENT) < day
    assert sample.week_at(starts_at) == sample.weeks[0]


def test_it_lasts_from_its_first_week_to_the_end_of_its_last() -> None:
    sample = course(week(1, date(2014, 10, 6)), week(2, date(2014, 10, 20)))
    assert sample.starts_at() == datetime(2014, 10, 5, 22, tzinfo=UTC)
    assert sample.ends_at() == datetime(2014, 10, 26, 23, tzinfo=UTC)
    assert (course().starts_at(), course().ends_at()) == (None, None)


def test_gaps_and_what_lies_outside() -> None:
    sample = course(week(1, date(2014, 10, 6)), week(2, date(2014, 10, 20)))
    berlin = ZoneInfo("Europe/Berlin")
    days = {day: sample.week_at(datetime(2014, 10, day, 23, 59, tzinfo=berlin)) for day in (5, 6)}
    assert days == {5: None, 6: sample.weeks[0]}
    assert sample.week_at(datetime(2014, 10, 12, 23, 59, tzinfo=berlin)) == sample.weeks[0]
    assert sample.week_at(datetime(2014, 10, 13, 0, 0, tzinfo=berlin)) is None
    assert sample.week_at(datetime(2014, 10, 20, 0, 0, tzinfo=berlin)) == sample.weeks[1]
    assert sample.week_at(datetime(2014, 10, 27, 0, 0, tzinfo=berlin)) is None
    assert course().week_at(datetime(2014, 10, 6, tzinfo=UTC)) is None


def test_weeks_by_number() -> None:
    sample = course(week(4, date(2014, 10, 6)), week(2, date(2014, 10, 20)))
    assert sample.week(2) == sample.weeks[1]
    assert sample.week(1) is None
    assert sample.starts_at() == sample.midnight(date(2014, 10, 6))
    assert course().starts_at() is None
