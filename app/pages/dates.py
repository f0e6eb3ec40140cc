"""Days and hours in the words of a page's language, on the clock of the course."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from models.domain.course import Week

LOCALES = {"de": "de", "en": "en_GB"}
DAY = {"de": "d. MMMM", "en": "d MMMM"}
DAY_OF_MONTH = {"de": "d.", "en": "d"}
WEEKDAY = {"de": "EEEE, d. MMMM", "en": "EEEE, d MMMM"}
MOMENT = {"de": "d. MMMM y, HH:mm 'Uhr'", "en": "d MMMM y, HH:mm"}
APPOINTMENT = {"de": "EEEE, d. MMMM, HH:mm 'Uhr'", "en": "EEEE, d MMMM, HH:mm"}
HOUR = {"de": "HH:mm 'Uhr'", "en": "HH:mm"}


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
        "span": lambda week: span(week, language),
        "moment": local(MOMENT),
        "appointment": local(APPOINTMENT),
        "hour": local(HOUR),
        "iso": lambda value: value.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def span(week: Week, language: str) -> str:
    """`6.–12. Oktober`: the first and the last day."""
    first, last = week.starts_on, week.ends_on - timedelta(days=1)
    if first == last:
        return _day(first, DAY, language)
    if (first.year, first.month) == (last.year, last.month):
        return f"{_day(first, DAY_OF_MONTH, language)}–{_day(last, DAY, language)}"
    return f"{_day(first, DAY, language)} – {_day(last, DAY, language)}"


def _weekday(value: date, today: date, language: str) -> str:
    """With the year where it is not this one."""
    text = _day(value, WEEKDAY, language)
    return text if value.year == today.year else f"{text} {value.year}"


def _day(value: date, pattern: Mapping[str, str], language: str) -> str:
    return format_date(value, pattern[language], locale=LOCALES[language])
