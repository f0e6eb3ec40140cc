"""What feeds are made of, whatever their form: entries, a head, dates."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

_GERMAN_DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
_GERMAN_MONTHS = (
    *("Jan", "Feb", "Mär", "Apr", "Mai", "Jun"),
    *("Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
)
_BERLIN = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A blog post as a feed tells it."""

    uid: str
    url: str
    title: str
    html: str
    summary: str
    """Plain text."""
    at: datetime
    updated: datetime
    author: str
    categories: tuple[str, ...]
    language: str
    source: tuple[str, str] | None = None
    """Address and title of the feed it was taken over from."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed's head."""

    title: str
    home: str
    url: str
    language: str
    author: str


@dataclass(frozen=True, slots=True)
class Document:
    """A feed in the form in which it is served."""

    content_type: str
    body: bytes


def rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def german(moment: datetime) -> str:
    """`Do, 09 Okt 2014 11:00:00 MESZ`."""
    local = moment.astimezone(_BERLIN)
    day, month = _GERMAN_DAYS[local.weekday()], _GERMAN_MONTHS[local.month - 1]
    zone = "MESZ" if local.dst() else "MEZ"
    return f"{day}, {local:%d} {month} {local:%Y %H:%M:%S} {zone}"


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
