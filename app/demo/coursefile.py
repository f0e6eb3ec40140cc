"""The sample's course file: weeks around today, and every sample site as a source."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.demo import material
from app.demo.addresses import Addresses
from app.demo.authoring import INSTANCES
from app.demo.blogsites import PLANET, PLANET_FEED
from app.demo.material import WRITTEN_WEEKS, Blog
from models.domain.course import Course, CuratedLink, Event, Week
from models.domain.coursefile import CourseFile, SourceEntry
from models.domain.source import Match

COURSE_SITE = "kurs"
FAILING: Mapping[str, str] = {
    "kaputt": "/feed.xml",
    "vertauscht": "/feed.xml",
    "verschwunden": "/rss.xml",
}
"""Sites that fail by plan, and their feeds' paths: an error 500, a web page, a 410."""


def course_file(monday: date, addresses: Addresses) -> CourseFile:
    """`monday`: when the current week, the fifth, began."""
    told = material.course()
    first = monday - timedelta(weeks=WRITTEN_WEEKS - 1)
    home = addresses.origins[COURSE_SITE]
    zone = ZoneInfo(told["timezone"])
    course = Course(
        slug=told["slug"],
        title=told["title"],
        hashtags=(told["hashtag"],),
        language=told["language"],
        timezone=told["timezone"],
        homepage=f"{home}/",
        weeks=tuple(
            _week(number, each, first + timedelta(weeks=number - 1), home, zone)
            for number, each in enumerate(told["weeks"], 1)
        ),
    )
    return CourseFile(course, tuple(_sources(addresses)))


def source_url(blog: Blog, addresses: Addresses) -> str:
    """The address under which a blog is registered."""
    if blog.source == "blog":
        return addresses.origins[blog.site] + "/"
    return addresses.feed(blog.site)


def failing_urls(addresses: Addresses) -> tuple[str, ...]:
    return tuple(addresses.origins[site] + path for site, path in FAILING.items())


def _week(number: int, told: Mapping[str, Any], starts_on: date, home: str, zone: ZoneInfo) -> Week:
    return Week(
        number=number,
        title=told["title"],
        question=told["question"],
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=7),
        events=tuple(_event(each, starts_on, home, zone) for each in told.get("events", ())),
        links=tuple(
            CuratedLink(each["title"], each.get("url") or home + each["path"])
            for each in told.get("links", ())
        ),
    )


def _event(told: Mapping[str, Any], monday: date, home: str, zone: ZoneInfo) -> Event:
    local = datetime.combine(monday + timedelta(days=told["day"]), told["time"], zone)
    return Event(told["title"], local.astimezone(UTC), home + told["path"])


def _sources(addresses: Addresses) -> Iterator[SourceEntry]:
    for instance in INSTANCES:
        yield SourceEntry("mastodon", addresses.origins[instance])
    for blog in material.blogs():
        match = Match.ALL if blog.tagging == "none" else Match.HASHTAG
        yield SourceEntry(blog.source, source_url(blog, addresses), match, blog.writer)
    yield SourceEntry("feed", addresses.origins[PLANET] + PLANET_FEED)
    for url in failing_urls(addresses):
        yield SourceEntry("feed", url)
