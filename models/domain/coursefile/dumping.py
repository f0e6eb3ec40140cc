"""Writing a course file."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

from models.domain.course import Course, Event, Week
from models.domain.coursefile.content import CourseFile, SourceEntry


def dump(file: CourseFile) -> str:
    """The course file as TOML, defaults included; what is not set is left out."""
    return "\n".join(_tables(file))


def _tables(file: CourseFile) -> Iterator[str]:
    yield _table("[course]", _course(file.course))
    for week in file.course.weeks:
        yield _table("[[weeks]]", _week(week))
        for event in week.events:
            yield _table("[[weeks.events]]", _event(event, file.course.zone))
        for link in week.links:
            yield _table("[[weeks.links]]", {"title": link.title, "url": link.url})
    for source in file.sources:
        yield _table("[[sources]]", _source(source))


def _table(heading: str, values: Mapping[str, Any]) -> str:
    """By itself: tomli-w puts short tables into one line, before those that are longer."""
    return f"{heading}\n{tomli_w.dumps(values, multiline_strings=False)}"


def _set(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _course(course: Course) -> dict[str, Any]:
    return _set(
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


def _week(week: Week) -> dict[str, Any]:
    return _set(
        {
            "number": week.number,
            "title": week.title,
            "question": week.question,
            "starts_on": week.starts_on,
            "ends_on": week.ends_on,
        }
    )


def _event(event: Event, zone: ZoneInfo) -> dict[str, Any]:
    return _set({"title": event.title, "starts_at": _local(event, zone), "url": event.url})


def _local(event: Event, zone: ZoneInfo) -> datetime:
    """Local to the course, unless the clock shows that hour twice and this is the second time."""
    naive = event.starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
    is_told = naive.replace(tzinfo=zone).astimezone(UTC) == event.starts_at
    return naive if is_told else event.starts_at


def _source(source: SourceEntry) -> dict[str, Any]:
    return _set(
        {
            "kind": source.kind,
            "url": source.url,
            "match": source.match.value,
            "participant": source.participant,
            "title": source.title,
        }
    )
