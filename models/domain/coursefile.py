"""The course file: TOML that describes a course, its weeks and its sources.

`parse` checks everything and raises `Invalid`, whose text names the key and the mend; `dump` writes
a file that `parse` reads back to the same value.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import tomli_w

from models.domain.course import Consent, Course, CuratedLink, Event, Moderation, Show, Week
from models.domain.errors import Invalid
from models.domain.hashtags import fold, is_hashtag
from models.domain.links import absolute
from models.domain.source import Match

RESERVED = frozenset(
    [
        "api",
        "admin",
        "assets",
        "docs",
        "embed",
        "go",
        "healthz",
        "hub",
        "login",
        "logout",
        "media",
        "metrics",
        "oembed",
        "openapi-json",
        "readyz",
        "robots-txt",
        "static",
        "webmention",
        "websub",
    ]
)
"""Slugs that would hide a path of the service."""

_SLUG = re.compile(r"[a-z0-9-]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
_WORD = re.compile(r"[a-z0-9-]+")

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as the course file names it."""

    kind: str
    url: str
    match: Match = Match.HASHTAG
    participant: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class CourseFile:
    """Everything a course file holds."""

    course: Course
    sources: tuple[SourceEntry, ...] = ()


def parse(text: str) -> CourseFile:
    """Reads a course file. Raises `Invalid`, with the place in `field`."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"the file is no valid TOML: {error}") from None
    root = _Table(content, "")
    given = root.table("course")
    course = _course(given, root)
    sources = tuple(_source(entry) for entry in root.tables("sources"))
    root.finish()
    return CourseFile(course, sources)


class _Table:
    """A TOML table whose keys are taken out one by one, so that what is left over is wrong."""

    def __init__(self, content: Mapping[str, Any], place: str) -> None:
        self._content = dict(content)
        self._known: list[str] = []
        self.place = place

    def name(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def refuse(self, key: str, problem: str) -> Invalid:
        return Invalid(f"{self.name(key)} {problem}", self.name(key))

    def take(self, key: str) -> Any:
        self._known.append(key)
        return self._content.pop(key, None)

    def table(self, key: str) -> "_Table":
        value = self.take(key)
        if not isinstance(value, dict):
            raise self.refuse(key, f"is missing: the file needs a [{key}] table")
        return _Table(value, self.name(key))

    def tables(self, key: str) -> Iterator["_Table"]:
        value = self.take(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.refuse(key, f"must be a list of tables: write [[{self.name(key)}]]")
        for number, item in enumerate(value):
            yield _Table(item, f"{self.name(key)}[{number}]")

    def optional_text(self, key: str) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, "must be a text in quotes, and not empty")
        return value.strip()

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            raise self.refuse(key, self._missing(key))
        return value

    def _missing(self, key: str) -> str:
        alike = difflib.get_close_matches(key, self._content, n=1)
        return f"is missing; is {alike[0]!r} meant to be it?" if alike else "is missing"

    def optional_url(self, key: str) -> str | None:
        value = self.optional_text(key)
        if value is None:
            return None
        url = absolute(value, None)
        if url is None:
            raise self.refuse(key, f"must be an address that begins with https:// (is {value!r})")
        return url

    def url(self, key: str) -> str:
        value = self.optional_url(key)
        if value is None:
            raise self.refuse(key, self._missing(key))
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, "must be true or false")
        return value

    def choice(self, key: str, default: E) -> E:
        value = self.take(key)
        if value is None:
            return default
        kind = type(default)
        try:
            return kind(value)
        except ValueError:
            allowed = " or ".join(f'"{item.value}"' for item in kind)
            raise self.refuse(key, f"must be {allowed} (is {value!r})") from None

    def day(self, key: str) -> date | None:
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            raise self.refuse(key, f"must be a date like 2014-10-06, without quotes (is {value!r})")
        return value

    def finish(self) -> None:
        """Refuses keys that nobody asked for."""
        for key in self._content:
            known = ", ".join(self._known)
            raise self.refuse(key, f"is not known: what may stand there is {known}")


def _course(given: _Table, root: _Table) -> Course:
    course = Course(
        slug=_slug(given),
        title=given.text("title"),
        hashtags=_hashtags(given),
        language=_language(given),
        timezone=_timezone(given),
        homepage=given.optional_url("homepage"),
        consent=given.choice("consent", Consent.OPEN),
        show=given.choice("show", Show.FULL),
        index=given.flag("index", False),
        imprint=given.optional_url("imprint"),
        privacy=given.optional_url("privacy"),
        moderation=given.choice("moderation", Moderation.AFTER),
    )
    given.finish()
    weeks = [_week(entry, course.zone) for entry in root.tables("weeks")]
    return Course(**{**_fields(course), "weeks": _in_order(weeks)})


def _fields(course: Course) -> dict[str, Any]:
    return {name: getattr(course, name) for name in Course.__dataclass_fields__}


def _slug(given: _Table) -> str:
    slug = given.text("slug")
    if not _SLUG.fullmatch(slug):
        raise given.refuse("slug", f"may hold a-z, 0-9 and - only, 64 at most (is {slug!r})")
    if slug in RESERVED:
        raise given.refuse("slug", f"may not be {slug!r}: the service uses that path itself")
    return slug


def _hashtags(given: _Table) -> tuple[str, ...]:
    value = given.take("hashtags")
    if not isinstance(value, list) or not value:
        raise given.refuse("hashtags", 'must be a list with one hashtag or more, as ["e20mooc"]')
    for tag in value:
        if not isinstance(tag, str) or not is_hashtag(tag):
            raise given.refuse(
                "hashtags",
                f"holds {tag!r}, which is no hashtag: letters, digits and _ only, without spaces",
            )
    return tuple(dict.fromkeys(fold(tag) for tag in value))


def _language(given: _Table) -> str:
    language = given.optional_text("language") or "de"
    if not _LANGUAGE.fullmatch(language):
        raise given.refuse("language", f'must be a code like "de" or "en" (is {language!r})')
    return language


def _timezone(given: _Table) -> str:
    name = given.optional_text("timezone") or "Europe/Berlin"
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a LookupError
        raise given.refuse(
            "timezone", f'is not known: {name!r}; write one like "Europe/Berlin"'
        ) from None
    return name


def _week(given: _Table, zone: ZoneInfo) -> Week:
    number = given.take("number")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 999:
        raise given.refuse("number", "must be a whole number from 0 to 999")
    starts_on = given.day("starts_on")
    if starts_on is None:
        raise given.refuse("starts_on", "is missing: write the week's first day, as 2014-10-06")
    ends_on = given.day("ends_on") or starts_on + timedelta(days=7)
    if ends_on <= starts_on:
        raise given.refuse("ends_on", f"must come after starts_on ({starts_on}): it is exclusive")
    week = Week(
        number=number,
        title=given.text("title"),
        starts_on=starts_on,
        ends_on=ends_on,
        question=given.optional_text("question"),
        events=tuple(_event(entry, zone) for entry in given.tables("events")),
        links=tuple(_link(entry) for entry in given.tables("links")),
    )
    given.finish()
    return week


def _event(given: _Table, zone: ZoneInfo) -> Event:
    starts_at = given.take("starts_at")
    if not isinstance(starts_at, datetime):
        raise given.refuse("starts_at", "must be a time like 2014-10-09T11:00:00, without quotes")
    if starts_at.tzinfo is None:
        starts_at = starts_at.replace(tzinfo=zone)
    event = Event(given.text("title"), starts_at.astimezone(UTC), given.optional_url("url"))
    given.finish()
    return event


def _link(given: _Table) -> CuratedLink:
    link = CuratedLink(given.text("title"), given.url("url"))
    given.finish()
    return link


def _in_order(weeks: list[Week]) -> tuple[Week, ...]:
    """Sorted by time. Raises where numbers repeat or spans overlap."""
    numbers = [week.number for week in weeks]
    for number in numbers:
        if numbers.count(number) > 1:
            raise Invalid(f"weeks: number {number} is there twice; give each week its own", "weeks")
    ordered = sorted(weeks, key=lambda week: week.starts_on)
    for earlier, later in pairwise(ordered):
        if later.starts_on < earlier.ends_on:
            raise Invalid(
                f"weeks: week {earlier.number} ({earlier.starts_on} to {earlier.ends_on}) and week"
                f" {later.number} (from {later.starts_on}) overlap; end the first with `ends_on`",
                "weeks",
            )
    return tuple(ordered)


def _source(given: _Table) -> SourceEntry:
    kind = given.text("kind")
    if not _WORD.fullmatch(kind):
        raise given.refuse("kind", f'must be a kind of source, as "feed" (is {kind!r})')
    source = SourceEntry(
        kind=kind,
        url=given.url("url"),
        match=given.choice("match", Match.HASHTAG),
        participant=given.optional_text("participant"),
        title=given.optional_text("title"),
    )
    given.finish()
    return source


def dump(file: CourseFile) -> str:
    """The course file as TOML; what has its default value is left out."""
    content: dict[str, Any] = {"course": _course_table(file.course)}
    if file.course.weeks:
        content["weeks"] = [_week_table(week, file.course.zone) for week in file.course.weeks]
    if file.sources:
        content["sources"] = [_source_table(source) for source in file.sources]
    return tomli_w.dumps(content, multiline_strings=False)


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _course_table(course: Course) -> dict[str, Any]:
    return _without_none(
        {
            "slug": course.slug,
            "title": course.title,
            "hashtags": list(course.hashtags),
            "language": course.language,
            "timezone": course.timezone,
            "homepage": course.homepage,
            "consent": course.consent.value,
            "show": course.show.value,
            "index": course.index,
            "imprint": course.imprint,
            "privacy": course.privacy,
            "moderation": course.moderation.value,
        }
    )


def _week_table(week: Week, zone: ZoneInfo) -> dict[str, Any]:
    table = _without_none(
        {
            "number": week.number,
            "title": week.title,
            "question": week.question,
            "starts_on": week.starts_on,
            "ends_on": week.ends_on,
        }
    )
    if week.events:
        table["events"] = [
            _without_none(
                {"title": event.title, "starts_at": _local(event, zone), "url": event.url}
            )
            for event in week.events
        ]
    if week.links:
        table["links"] = [{"title": link.title, "url": link.url} for link in week.links]
    return table


def _local(event: Event, zone: ZoneInfo) -> datetime:
    """Local to the course, unless the clock shows that hour twice."""
    local = event.starts_at.astimezone(zone)
    naive = local.replace(tzinfo=None, fold=0)
    return (
        naive if naive.replace(tzinfo=zone).astimezone(UTC) == event.starts_at else event.starts_at
    )


def _source_table(source: SourceEntry) -> dict[str, Any]:
    return _without_none(
        {
            "kind": source.kind,
            "url": source.url,
            "match": source.match.value,
            "participant": source.participant,
            "title": source.title,
        }
    )
