"""Days and hours as people say them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.pages import dates
from models.domain.course import Week

BERLIN = ZoneInfo("Europe/Berlin")
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
            "29. Dezember – 4. Januar",
            "29 December – 4 January",
        ),
    ],
)
def test_weeks(first: date, end: date, german: str, english: str) -> None:
    assert dates.span(week(first, end), "de") == german
    assert dates.span(week(first, end), "en") == english


def test_moments_are_on_the_courses_clock() -> None:
    german, english = dates.filters("de"), dates.filters("en")
    assert german["moment"](MOMENT, BERLIN) == "10. Oktober 2014, 00:05 Uhr"
    assert english["moment"](MOMENT, BERLIN) == "10 October 2014, 00:05"
    assert german["hour"](MOMENT, BERLIN) == "00:05 Uhr"
    assert english["appointment"](MOMENT, BERLIN) == "Friday, 10 October, 00:05"
    assert german["iso"](MOMENT) == "2014-10-09T22:05:00Z"


def test_the_year_is_said_where_it_is_another() -> None:
    weekday = dates.filters("de")["weekday"]
    assert weekday(date(2014, 10, 6), date(2014, 12, 31)) == "Montag, 6. Oktober"
    assert weekday(date(2014, 10, 6), date(2015, 1, 1)) == "Montag, 6. Oktober 2014"
