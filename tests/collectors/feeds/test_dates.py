from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from feedparser.datetimes import _parse_date as feedparsers_date
from hypothesis import given
from hypothesis import strategies as st

from collectors.feeds import dates

FRIDAY = datetime(2024, 5, 3, 12, 30, tzinfo=UTC)

moments = st.datetimes(
    min_value=datetime(1991, 1, 2),  # noqa: DTZ001 -- hypothesis adds the zones itself
    max_value=datetime(2089, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda east: timezone(timedelta(minutes=east))),
).map(lambda moment: moment.replace(microsecond=0))


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03T12:30:00Z",
        "2024-05-03T14:30:00.987+02:00",
        "2024-05-03 14:30 CEST",
        "2024-05-03 14:30:00 +0200",
        "2024/05/03 12:30",
        "Fri, 03 May 2024 12:30:00 GMT",
        "Fri, 03 May 2024 12:30:00 +0000",
        "Fri, 3 May 24 08:30 EDT",
        "Fri, 03 May 2024 14:30:00 GMT+02:00",
        "Fri, 03 May 2024 14:30:00 +0200 (CEST)",
        "03-May-2024 12:30:00 UTC",
        "Fr, 03 Mai 2024 14:30:00 MESZ",
        "Freitag, 3. Mai 2024, 14:30 Uhr MESZ",
        "Fr., 3. Mai 2024 um 13:30 Uhr MEZ",
        "03.05.2024, 13:30 CET",
        "3. 5. 2024 14.30 MEST",
        "May 3, 2024 12:30:00",
        "Freitag, den 3. Mai 2024 - 14:30 Uhr (MESZ)",
        "03.05.2024 – 13:30 MEZ",
        "2024-05-03T12:30:00z",
        "2024-05-03T14:30:00,5+0200",
        " Fri, 03 May 2024 12:30:00 GMT\n",
    ],
)
def test_one_moment_in_many_forms(text: str) -> None:
    assert dates.parse(text) == FRIDAY


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("6. Jänner 2024", 1),
        ("6. Februar 2024", 2),
        ("Mi, 6 Mrz 2024", 3),
        ("6. März 2024", 3),
        ("6 Maerz 2024", 3),
        ("6. Okt. 2024", 10),
        ("So, 6. Dezember 2024", 12),
    ],
)
def test_german_months_and_dates_without_time(text: str, month: int) -> None:
    assert dates.parse(text) == datetime(2024, month, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "Fri, 31 Apr 2024 10:00:00 +0100",
        "2024-13-01T00:00:00Z",
        "Fri, 03 May 2024 25:00:00 GMT",
        "Fri, 03 May 2024 10:00:00 +9900",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00+14:00",
        "31.02.2024, 10:00 Uhr",
    ],
)
def test_impossible_dates_are_known_to_be_none(text: str) -> None:
    assert dates.parse(text) is None
    assert dates.is_known_form(text)


@pytest.mark.parametrize(
    "text", ["", "gestern", "2024", "Fri, 03 May 2024 10:00:00 XYZ", "3. Foo 2024", "1" * 10_000]
)
def test_what_is_no_date_here_is_left_to_others(text: str) -> None:
    assert dates.parse(text) is None
    assert not dates.is_known_form(text)


@pytest.mark.parametrize(
    "text", ["2024-05-02T24:00:00Z", "Fri, 03 May 2024 02:00:00 MESZ", "Thu, 02 May 2024 24:00 GMT"]
)
def test_midnight_is_the_end_of_a_day_too(text: str) -> None:
    assert dates.parse(text) == datetime(2024, 5, 3, tzinfo=UTC)


def test_a_leap_second_is_no_mistake() -> None:
    assert dates.parse("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(
        2016, 12, 31, 23, 59, 59, tzinfo=UTC
    )


@given(moments)
def test_both_standards_are_read_back(moment: datetime) -> None:
    assert dates.parse(moment.isoformat()) == moment
    assert dates.parse(format_datetime(moment)) == moment


@given(moments, st.sampled_from(["%a, %d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M %z", "%Y-%m-%d"]))
def test_agrees_with_feedparser(moment: datetime, form: str) -> None:
    text = moment.strftime(form)
    ours, theirs = dates.parse(text), feedparsers_date(text)
    assert ours is not None
    assert ours.timetuple()[:6] == tuple(theirs)[:6]


ENGLISH = "January February March April May June July August September October November December"
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
MONTHS = [pair for names in (ENGLISH, GERMAN) for pair in enumerate(names.split(), 1)]
ZONES = {
    **dict.fromkeys(("", "Z", "UT", "GMT", "UTC"), 0),
    **dict.fromkeys(("MEZ", "CET", "GMT+1"), 1),
    **dict.fromkeys(("MESZ", "CEST", "+0200"), 2),
    **dict.fromkeys(("-03:00", "-3"), -3),
    **dict.fromkeys(("EDT", "-0400"), -4),
    **dict.fromkeys(("PST", "-8:00"), -8),
}
"""Hours east of Greenwich."""
DAYS = ("", "Fri, ", "Friday, ", "Fr, ", "Fr., ", "Freitag, ", "Samstag, den ")


@given(
    moments,
    st.sampled_from(MONTHS),
    st.booleans(),
    st.sampled_from(DAYS),
    st.sampled_from(["{day}. {month} {year}", "{day:02} {month} {year}", "{day}-{month}-{year}"]),
    st.sampled_from([" {clock} {zone}", ", {clock} Uhr {zone}", " um {clock} Uhr ({zone})"]),
    st.sampled_from(sorted(ZONES)),
)
def test_all_spellings_of_a_moment_mean_it(
    moment: datetime,
    month: tuple[int, str],
    short: bool,
    day_name: str,
    date_form: str,
    time_form: str,
    zone: str,
) -> None:
    number, name = month
    local = moment.replace(month=number, day=min(moment.day, 28), tzinfo=UTC)
    date = date_form.format(day=local.day, month=name[:3] if short else name, year=local.year)
    time = time_form.format(clock=local.strftime("%H:%M:%S"), zone=zone).replace(" ()", "")
    assert dates.parse(f"{day_name}{date}{time}") == local - timedelta(hours=ZONES[zone])


PIECES = [
    *("Fri", "Freitag", ", ", " ", "3", "31", "99", "May", "Mai", "2024", "24", "0000", "9999"),
    *("-", ".", ":", "T", "Z", "12:30", ":60", "+0200", "+9999", "-24:00", "MESZ", "XYZ", "(", ")"),
    *("1970-01-01", "2024-05-03", "24:00:00", "Uhr", "\u0663", "²", "\n"),
]


@given(st.text(max_size=100) | st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_moment_is_always_aware_and_in_whole_seconds(text: str) -> None:
    moment = dates.parse(text)
    assert moment is None or (moment.tzinfo is UTC and moment.microsecond == 0)
    dates.is_known_form(text)


@given(moments)
def test_what_was_read_is_read_again(moment: datetime) -> None:
    once = dates.parse(format_datetime(moment))
    assert once is not None
    assert dates.parse(once.isoformat()) == dates.parse(format_datetime(once)) == once
