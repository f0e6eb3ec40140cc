"""A course, its weeks, and which week a moment falls in."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo


class Consent(StrEnum):
    """Whose posts may be shown."""

    OPEN = "open"
    """Every public post with the hashtag."""
    REGISTERED = "registered"
    """Only registered participants' posts."""


class Show(StrEnum):
    """How much of a post is shown."""

    FULL = "full"
    EXCERPT = "excerpt"


class Moderation(StrEnum):
    """Whether a post is shown before a facilitator has seen it."""

    AFTER = "after"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Event:
    """An appointment of a week. `starts_at` is aware UTC."""

    title: str
    starts_at: datetime
    url: str | None = None


@dataclass(frozen=True, slots=True)
class CuratedLink:
    """A link the organisers chose for a week."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Week:
    """A course week: from 00:00 of `starts_on` to 00:00 of `ends_on`, in the course's time zone."""

    number: int
    title: str
    starts_on: date
    ends_on: date
    """Exclusive."""
    question: str | None = None
    events: tuple[Event, ...] = ()
    links: tuple[CuratedLink, ...] = ()


@dataclass(frozen=True)
class Course:
    """A course as its settings describe it; without posts, sources or people."""

    slug: str
    title: str
    hashtags: tuple[str, ...]
    """Folded, without `#`; the first is the main one."""
    language: str = "de"
    timezone: str = "Europe/Berlin"
    homepage: str | None = None
    consent: Consent = Consent.OPEN
    show: Show = Show.FULL
    index: bool = False
    imprint: str | None = None
    privacy: str | None = None
    moderation: Moderation = Moderation.AFTER
    weeks: tuple[Week, ...] = ()
    """In order of time, without overlap."""

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def midnight(self, day: date) -> datetime:
        """00:00 of `day` in the course's time zone, as UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def local_day(self, moment: datetime) -> date:
        """The course's calendar day at `moment`."""
        return moment.astimezone(self.zone).date()

    def bounds(self, week: Week) -> tuple[datetime, datetime]:
        """A week as UTC moments, the end exclusive. Seven days may be 167 or 169 hours."""
        return self.midnight(week.starts_on), self.midnight(week.ends_on)

    def week(self, number: int) -> Week | None:
        """The week with that number, or None."""
        return next((week for week in self.weeks if week.number == number), None)

    def week_at(self, moment: datetime) -> Week | None:
        """The week `moment` falls in, or None outside every week."""
        day = self.local_day(moment)
        at = bisect_right(self.weeks, day, key=lambda week: week.starts_on) - 1
        return self.weeks[at] if at >= 0 and day < self.weeks[at].ends_on else None

    def starts_at(self) -> datetime | None:
        """When the first week begins, or None where no weeks are known."""
        return self.midnight(self.weeks[0].starts_on) if self.weeks else None

    def ends_at(self) -> datetime | None:
        """When the last week is over, or None where no weeks are known."""
        return self.midnight(self.weeks[-1].ends_on) if self.weeks else None


REACH_WITHOUT_WEEKS = timedelta(days=90)
"""How far back the first collection goes where a course has no weeks."""
