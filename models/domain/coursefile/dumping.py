"""Writing a course file."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import tomli_w

from models.domain.course import Course, Event, Week
from models.domain.coursefile.content import CourseFile, SourceEntry


def dump(file: CourseFile) -> str:
    """The course file as TOML, defaults included; what is not set is left out."""
    content: dict[str, Any] = {"course": _course(file.course)}
    if file.course.weeks:
        content["weeks"] = [_week(week, file.course.zone) for week in file.course.weeks]
    if file.sources:
        content["sources"] = [_source(source) for source in file.sources]
    return tomli_w.dumps(content, multiline_strings=False)


def _set(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, [])}


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


def _week(week: Week, zone: ZoneInfo) -> dict[str, Any]:
    return _set(
        {
            "number": week.number,
            "title": week.title,
            "question": week.question,
            "starts_on": week.starts_on,
            "ends_on": week.ends_on,
            "events": [_event(event, zone) for event in week.events],
            "links": [{"title": link.title, "url": link.url} for link in week.links],
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
