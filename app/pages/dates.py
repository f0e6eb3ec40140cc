"""Days and hours in the words of a page's language, on the clock of the course."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from models.domain.course import Week

LOCALES = {"de": "de_DE", "en": "en_GB"}
DAY = {"de": "d. MMMM", "en": "d MMMM"}
DAY_OF_MONTH = {"de": "d.", "en": "d"}
WEEKDAY = {"de": "EEEE, d. MMMM", "en": "EEEE, d MMMM"}
MOMENT = {"de": "d. MMMM y, HH:mm 'Uhr'", "en": "d MMMM y, HH:mm"}
HOUR = {"de": "HH:mm 'Uhr'", "en": "HH:mm"}

NO_BREAK = "\N{NO-BREAK SPACE}"


def filters(language: str) -> Mapping[str, Callable[..., Any]]:
    """For templates."""

    def local(pattern: Mapping[str, str]) -> Callable[[datetime, ZoneInfo], str]:
        def shown(value: datetime, zone: ZoneInfo) -> str:
            moment = value.astimezone(zone)
            return format_datetime(moment, pattern[language], locale=LOCALES[language])

        return shown

    return {
        "day": lambda value: _day(value, DAY, language),
        "weekday": lambda value, today: _weekday(value, today, language),
        "dated": lambda value, today: _with_year(_day(value, DAY, language), value, today),
        "last_day": lambda week: week.ends_on - timedelta(days=1),
        "span": lambda week, today: span(week, today, language),
        "moment": local(MOMENT),
        "appointment": lambda value, zone, today: _appointment(value, zone, today, language),
        "hour": local(HOUR),
        "iso": lambda value: value.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def span(week: Week, today: date, language: str) -> str:
    """`6.–12. Oktober`: the first and the last day, with the year where it is not this one."""
    first, last = week.starts_on, week.ends_on - timedelta(days=1)
    end = _with_year(_day(last, DAY, language), last, today)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{_day(first, DAY_OF_MONTH, language)}–{end}"
    beginning = _day(first, DAY, language)
    if first.year != last.year:
        beginning = _with_year(beginning, first, today)
    return f"{beginning} – {end}"


def _appointment(value: datetime, zone: ZoneInfo, today: date, language: str) -> str:
    """A day and an hour, and whose hour it is: participants sit in many time zones."""
    moment = value.astimezone(zone)
    hour = format_datetime(moment, HOUR[language], locale=LOCALES[language])
    told = f"{hour} ({_zone(moment, language)})".replace(" ", NO_BREAK)
    return f"{_weekday(moment.date(), today, language)}, {told}"


def _zone(moment: datetime, language: str) -> str:
    """`MEZ`, `CEST`; `GMT+05:30` where the language has no short name for it."""
    name = format_datetime(moment, "z", locale=LOCALES[language])
    if name.isalpha() and name.isupper():
        return name
    return format_datetime(moment, "ZZZZ", locale=LOCALES[language])


def _weekday(value: date, today: date, language: str) -> str:
    return _with_year(_day(value, WEEKDAY, language), value, today)


def _with_year(text: str, value: date, today: date) -> str:
    """Where it is not this one."""
    return text if value.year == today.year else f"{text} {value.year}"


def _day(value: date, pattern: Mapping[str, str], language: str) -> str:
    return format_date(value, pattern[language], locale=LOCALES[language])
