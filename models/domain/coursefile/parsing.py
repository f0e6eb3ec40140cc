"""Reading a course file."""

import difflib
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from models.domain.course import Consent, Course, CuratedLink, Event, Moderation, Show, Week
from models.domain.coursefile.content import CourseFile, SourceEntry
from models.domain.coursefile.table import Table, shown
from models.domain.errors import Invalid
from models.domain.hashtags import LONGEST, fold, is_hashtag
from models.domain.links import canonical
from models.domain.source import Match

RESERVED = frozenset({
    "api", "admin", "assets", "docs", "embed", "go", "healthz", "hub", "login", "logout", "media",
    "metrics", "oembed", "openapi-json", "readyz", "robots-txt", "static", "webmention", "websub",
})  # fmt: skip
"""Slugs that would hide a path of the service."""

_SLUG = re.compile(r"[a-z0-9-]{1,64}")
_LANGUAGE = re.compile(r"(?=.{2,16}\Z)[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_KIND = re.compile(r"[a-z0-9-]{1,32}")


def parse(text: str) -> CourseFile:
    """Reads a course file. Raises `Invalid`, with the place in `field`."""
    root = Table(_toml(text))
    given = root.table("course")
    course = _course(given)
    weeks = [_week(entry, course.zone) for entry in root.tables("weeks")]
    sources = [_source(entry) for entry in root.tables("sources")]
    root.finish()
    _refuse_doubles(sources)
    return CourseFile(replace(course, weeks=_in_order(weeks)), tuple(sources))


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"the file is no valid TOML: {error}") from None
    except RecursionError:
        raise Invalid("the file is nested too deeply for a course file") from None


def _course(given: Table) -> Course:
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
    return course


def _slug(given: Table) -> str:
    slug = given.text("slug")
    if not _SLUG.fullmatch(slug):
        raise given.refuse("slug", f"may hold a-z, 0-9 and - only, 64 at most (is {shown(slug)})")
    if slug in RESERVED:
        raise given.refuse(
            "slug", f'may not be "{slug}", which is a path of the service: choose another'
        )
    return slug


def _hashtags(given: Table) -> tuple[str, ...]:
    value = given.take("hashtags")
    if value is None:
        raise given.missing("hashtags", '["e20mooc"]')
    if not isinstance(value, list) or not value:
        raise given.refuse("hashtags", 'must be a list of one or more, like ["e20mooc"]')
    for tag in value:
        if not isinstance(tag, str) or not is_hashtag(tag):
            raise given.refuse(
                "hashtags",
                f"holds {shown(tag)}, which is no hashtag: write letters, digits and _ without"
                f" spaces, at least one letter, {LONGEST} characters at most",
            )
    return tuple(dict.fromkeys(fold(tag) for tag in value))


def _language(given: Table) -> str:
    language = given.optional_text("language") or "de"
    if not _LANGUAGE.fullmatch(language):
        raise given.refuse("language", f'must be a code like "de" or "en" (is {shown(language)})')
    return language


_NO_ZONES = re.compile(r"(posix|right)/.*|posixrules|localtime|Factory")
"""Files beside the IANA zones: this machine's own time, seconds counted otherwise."""


def _timezone(given: Table) -> str:
    name = given.optional_text("timezone") or "Europe/Berlin"
    try:
        if _NO_ZONES.fullmatch(name):
            raise ValueError(name)
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a LookupError
        alike = difflib.get_close_matches(name, sorted(available_timezones()), n=1, cutoff=0.75)
        mend = f'did you mean "{alike[0]}"?' if alike else 'write one like "Europe/Berlin"'
        raise given.refuse(
            "timezone", f"is {shown(name)}, which is no known time zone: {mend}"
        ) from None
    return name


def _week(given: Table, zone: ZoneInfo) -> Week:
    number = given.take("number")
    if number is None:
        raise given.missing("number", "1")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 999:
        raise given.refuse(
            "number", f"must be a whole number from 0 to 999, without quotes (is {shown(number)})"
        )
    starts_on = given.optional_day("starts_on")
    if starts_on is None:
        raise given.missing("starts_on", "2014-10-06")
    ends_on = given.optional_day("ends_on") or starts_on + timedelta(days=7)
    if ends_on <= starts_on:
        raise given.refuse(
            "ends_on", f"is exclusive and must come after starts_on, {starts_on} (is {ends_on})"
        )
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


def _event(given: Table, zone: ZoneInfo) -> Event:
    event = Event(given.text("title"), _starts_at(given, zone), given.optional_url("url"))
    given.finish()
    return event


def _starts_at(given: Table, zone: ZoneInfo) -> datetime:
    """In UTC. Without an offset it is local to the course; of a doubled hour the first is meant."""
    told = given.moment("starts_at")
    if told.tzinfo is not None:
        return told.astimezone(UTC)
    moment = told.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != told:
        raise given.refuse(
            "starts_at", f"is a time that clocks leave out in {zone.key} (is {shown(told)}):"
            " summer time begins then, so write an hour later",
        )  # fmt: skip
    return moment


def _link(given: Table) -> CuratedLink:
    link = CuratedLink(given.text("title"), given.url("url"))
    given.finish()
    return link


def _in_order(weeks: list[Week]) -> tuple[Week, ...]:
    """Sorted by time. Raises where numbers repeat or spans overlap."""
    places: dict[int, int] = {}
    for place, week in enumerate(weeks):
        if week.number in places:
            raise Invalid(
                f"weeks[{place}].number is {week.number}, as in weeks[{places[week.number]}]:"
                " give each week its own",
                f"weeks[{place}].number",
            )
        places[week.number] = place
    ordered = sorted(weeks, key=lambda week: week.starts_on)
    for earlier, later in pairwise(ordered):
        if later.starts_on < earlier.ends_on:
            begin = f"weeks[{places[later.number]}].starts_on"
            raise Invalid(
                f"{begin} lets week {later.number} ({later.starts_on} to {later.ends_on}) overlap"
                f" week {earlier.number} ({earlier.starts_on} to {earlier.ends_on}): move one of"
                " them, or end the earlier with ends_on",
                begin,
            )
    return tuple(ordered)


def _source(given: Table) -> SourceEntry:
    kind = given.text("kind")
    if not _KIND.fullmatch(kind):
        raise given.refuse("kind", f'must be a kind of source, like "feed" (is {shown(kind)})')
    source = SourceEntry(
        kind=kind,
        url=given.url("url"),
        match=given.choice("match", Match.HASHTAG),
        participant=given.optional_text("participant"),
        title=given.optional_text("title"),
    )
    given.finish()
    return source


def _refuse_doubles(sources: list[SourceEntry]) -> None:
    places: dict[tuple[str, str], int] = {}
    for place, source in enumerate(sources):
        first = places.setdefault((source.kind, canonical(source.url)), place)
        if first != place:
            raise Invalid(
                f"sources[{place}].url is the address of sources[{first}] once more"
                f" ({shown(source.url)}): leave one of them out",
                f"sources[{place}].url",
            )
