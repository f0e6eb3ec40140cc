"""Dates as feeds write them: RFC 3339 and its relatives, RFC 822, English and German.

Always aware UTC in whole seconds. A date without a zone counts as UTC, as in every feed reader.
"""

import re
from datetime import UTC, datetime, timedelta

_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GERMAN = {"jän": 1, "mär": 3, "mrz": 3, "mae": 3, "mai": 5, "okt": 10, "dez": 12}
_MONTHS = {name: number for number, name in enumerate(_ENGLISH, 1)} | _GERMAN
"""By the first three letters, in lower case."""

_ZONES = {
    name: hours
    for hours, names in {
        0: ("", "z", "ut", "utc", "gmt", "wet"),
        1: ("met", "mez", "cet", "bst", "west"),
        2: ("mest", "mesz", "cest", "eet", "oez"),
        3: ("eest", "oesz", "msk"),
        -3: ("adt",),
        -4: ("ast", "edt"),
        -5: ("est", "cdt"),
        -6: ("cst", "mdt"),
        -7: ("mst", "pdt"),
        -8: ("pst",),
    }.items()
    for name in names
}
"""Hours east of Greenwich. Summer time has its own names, so no calendar is needed."""

_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?(?:\s*Uhr)?"
_ZONE = r"(?:\s*\(?(?P<zone>(?:UTC|GMT)?[+-]\d{1,2}(?::?\d\d)?|[A-Za-z]{1,4})\)?(?:\s*\([^)]*\))?)?"
_TIME = rf"(?:,?\s+(?:um\s+|[-–]\s+)?{_CLOCK}{_ZONE})?"
_DAY_NAME = r"(?:[^\W\d]+\.?,?\s*)?(?:den\s+)?"

_FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Fri, 03 May 2024 14:30:00 +0200; Freitag, 3. Mai 2024 14:30 MESZ
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})\.?[\s-]*(?P<month>[^\W\d]{{3,9}})\.?,?[\s-]*"
        rf"(?P<year>\d{{4}}|\d\d){_TIME}",
        # 2024-05-03 14:30:00 CEST, 2024-05-03T14:30Z
        rf"(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})"
        rf"(?:(?:\s+|T){_CLOCK}{_ZONE}|Z)?",
        # 03.05.2024, 14:30 Uhr
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?(?P<year>\d{{4}}){_TIME}",
        # May 3, 2024 14:30:00 EST
        rf"{_DAY_NAME}(?P<month>[^\W\d]{{3,9}})\.?\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_TIME}",
    )
)
_RFC_822 = re.compile(
    r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (GMT|UTC|[+-]\d{4})"
)
"""What nearly all RSS says; anything else takes the longer way."""

_LONGEST = 80
_DAY = timedelta(days=1)


def parse(text: str) -> datetime | None:
    """The moment, or None where there is none: nothing written, impossible, or another form."""
    return _iso(text) or _rfc_822(text) or _other(text.strip())


def is_known_form(text: str) -> bool:
    """Whether `parse` is the judge of this text: what is None then is an impossible date."""
    match = _matched(text.strip())
    return match is not None and _offset(match["zone"]) is not None and _month(match) is not None


def _iso(text: str) -> datetime | None:
    if len(text) < 10 or text[4:5] != "-":
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None


def _rfc_822(text: str) -> datetime | None:
    match = _RFC_822.fullmatch(text)
    if match is None:
        return None
    day, name, year, hour, minute, second, zone = match.groups()
    month = _MONTHS.get(name.lower())
    offset = _offset(zone)
    if month is None or offset is None:
        return None
    return _moment((int(year), month, int(day), int(hour), int(minute), int(second)), offset)


def _other(text: str) -> datetime | None:
    match = _matched(text)
    if match is None:
        return None
    month, offset = _month(match), _offset(match["zone"])
    if month is None or offset is None:
        return None
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    return _moment((_year(match["year"]), month, int(match["day"]), hour, minute, second), offset)


def _matched(text: str) -> re.Match[str] | None:
    if len(text) > _LONGEST:
        return None
    return next((match for form in _FORMS if (match := form.fullmatch(text))), None)


def _year(text: str) -> int:
    """Two digits up to 89 are this century's: no feed is older than 1990."""
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 90 else 1900)


def _month(match: re.Match[str]) -> int | None:
    text = match["month"]
    return int(text) if text.isdigit() else _MONTHS.get(text[:3].lower())


def _offset(zone: str | None) -> timedelta | None:
    """None for a zone name nobody knows here."""
    text = (zone or "").lower()
    if len(text) > 3 and text[:3] in {"utc", "gmt"}:
        text = text[3:]
    if text[:1] not in {"+", "-"}:
        hours = _ZONES.get(text)
        return None if hours is None else timedelta(hours=hours)
    digits = text[1:].replace(":", "")
    if len(digits) <= 2:
        digits += "00"
    east = timedelta(hours=int(digits[:-2]), minutes=int(digits[-2:]))
    return east if text[0] == "+" else -east


def _moment(local: tuple[int, int, int, int, int, int], offset: timedelta) -> datetime | None:
    if abs(offset) >= _DAY:
        return None
    year, month, day, hour, minute, second = local
    if (hour, minute, second) == (24, 0, 0):  # the day's end, ISO 8601
        hour, offset = 0, offset - _DAY
    try:
        # A leap second is shown a second early: datetime has no 60.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return moment - offset
    except (ValueError, OverflowError):
        return None
