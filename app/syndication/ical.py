"""iCalendar (RFC 5545): the course's weeks and events, to be subscribed to."""

import re
from collections import Counter
from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event, vText

from models.domain.course import Course, Week
from models.domain.course import Event as CourseEvent

MEDIA_TYPE = "text/calendar"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
USUAL_LENGTH = timedelta(hours=1)
"""Of an event: the course file names only its beginning."""


def write(course: Course, home_url: str, changed_at: datetime) -> bytes:
    """The calendar. `changed_at` is when the course's settings changed last."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//moocfeed//course calendar//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _name(course.title))
    calendar.add("x-wr-calname", _name(course.title))
    calendar.add("x-wr-timezone", course.timezone)
    for week in course.weeks:
        calendar.add_component(_week(course, week, home_url, changed_at))
        for event, uid in zip(week.events, _uids(course, week), strict=True):
            calendar.add_component(_event(event, uid, changed_at))
    return bytes(calendar.to_ical())


def _week(course: Course, week: Week, home_url: str, changed_at: datetime) -> Event:
    found = Event()
    found.add("uid", f"week-{week.number}@{course.slug}.moocfeed")
    found.add("dtstamp", changed_at)
    found.add("dtstart", week.starts_on)
    found.add("dtend", week.ends_on)
    found.add("summary", _text(f"{course.title} {week.number}: {week.title}"))
    if week.question:
        found.add("description", _text(week.question))
    found.add("url", f"{home_url}/weeks/{week.number}")
    found.add("transp", "TRANSPARENT")
    return found


def _uids(course: Course, week: Week) -> list[str]:
    """One for each event, the same when it is moved to another hour: not made from its time."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for event in week.events:
        name = f"{week.number}\0{event.title}\0{seen[event.title]}"
        found.append(f"{sha256(name.encode()).hexdigest()[:16]}@{course.slug}.moocfeed")
        seen[event.title] += 1
    return found


def _event(event: CourseEvent, uid: str, changed_at: datetime) -> Event:
    found = Event()
    found.add("uid", uid)
    found.add("dtstamp", changed_at)
    found.add("dtstart", event.starts_at)
    found.add("dtend", event.starts_at + USUAL_LENGTH)
    found.add("summary", _text(event.title))
    if event.url:
        found.add("url", event.url)
    return found


def _name(value: str) -> vText:
    """One line. As text, because icalendar escapes nothing in properties it knows no type of."""
    return vText(" ".join(_text(value).split()))


def _text(value: str) -> str:
    """Without what RFC 5545 §3.1 forbids; line breaks are one character, which is escaped."""
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
