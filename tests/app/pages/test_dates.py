"""Days and hours as people say them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.pages import dates
from models.domain.course import Week

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2014, 10, 1)
MOMENT = datetime(2014, 10, 9, 22, 5, tzinfo=UTC)


def week(first: date, end: date) -> Week:
    return Week(1, "x", first, end)


@pytest.mark.parametrize(
    ("first", "end", "german", "english"),
    [
        (date(2014, 10, 6), date(2014, 10, 13), "6.–12. Oktober", "6–12 October"),
        (
            date(2014, 9, 29),
            date(2014, 10, 6),
            "29. September – 5. Oktober",
            "29 September – 5 October",
        ),
        (date(2014, 10, 6), date(2014, 10, 7), "6. Oktober", "6 October"),
        (
            date(2014, 12, 29),
            date(2015, 1, 5),
            "29. Dezember – 4. Januar 2015",
            "29 December – 4 January 2015",
        ),
    ],
)
def test_weeks(first: date, end: date, german: str, english: str) -> None:
    assert dates.span(week(first, end), TODAY, "de") == german
    assert dates.span(week(first, end), TODAY, "en") == english


@pytest.mark.parametrize(
    ("first", "end", "german"),
    [
        (date(2014, 10, 6), date(2014, 10, 13), "6.–12. Oktober 2014"),
        (date(2014, 9, 29), date(2014, 10, 6), "29. September – 5. Oktober 2014"),
        (date(2014, 12, 29), date(2015, 1, 5), "29. Dezember 2014 – 4. Januar 2015"),
        (date(2014, 10, 6), date(2014, 10, 7), "6. Oktober 2014"),
        (date(2026, 12, 28), date(2027, 1, 4), "28. Dezember – 3. Januar 2027"),
    ],
)
def test_weeks_of_other_years(first: date, end: date, german: str) -> None:
    assert dates.span(week(first, end), date(2026, 11, 25), "de") == german


def test_moments_are_on_the_courses_clock() -> None:
    german, english = dates.filters("de"), dates.filters("en")
    assert german["moment"](MOMENT, BERLIN) == "10. Oktober 2014, 00:05 Uhr"
    assert english["moment"](MOMENT, BERLIN) == "10 October 2014, 00:05"
    assert german["hour"](MOMENT, BERLIN) == "00:05 Uhr"
    assert german["iso"](MOMENT) == "2014-10-09T22:05:00Z"


@pytest.mark.parametrize(
    ("zone", "german", "english"),
    [
        ("Europe/Berlin", "Freitag, 10. Oktober, 00:05 Uhr (MESZ)", "CEST"),
        ("Europe/London", "Donnerstag, 9. Oktober, 23:05 Uhr (GMT+01:00)", "BST"),
        ("America/New_York", "Donnerstag, 9. Oktober, 18:05 Uhr (GMT-04:00)", "GMT-04:00"),
        ("Asia/Kolkata", "Freitag, 10. Oktober, 03:35 Uhr (GMT+05:30)", "GMT+05:30"),
        ("UTC", "Donnerstag, 9. Oktober, 22:05 Uhr (UTC)", "UTC"),
    ],
)
def test_appointments_say_whose_hour_it_is(zone: str, german: str, english: str) -> None:
    told = [dates.filters(code)["appointment"] for code in ("de", "en")]
    assert told[0](MOMENT, ZoneInfo(zone), TODAY).replace(dates.NO_BREAK, " ") == german
    assert told[1](MOMENT, ZoneInfo(zone), TODAY).endswith(f"{dates.NO_BREAK}({english})")
    assert " 2014, " in told[0](MOMENT, ZoneInfo(zone), date(2026, 11, 25))


def test_the_year_is_said_where_it_is_another() -> None:
    weekday = dates.filters("de")["weekday"]
    assert weekday(date(2014, 10, 6), date(2014, 12, 31)) == "Montag, 6. Oktober"
    assert weekday(date(2014, 10, 6), date(2015, 1, 1)) == "Montag, 6. Oktober 2014"
