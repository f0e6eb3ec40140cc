"""iCalendar (RFC 5545): the course's weeks and events, to be subscribed to."""

from datetime import datetime, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from models.domain.course import Course, Week
from models.domain.course import Event as CourseEvent

MEDIA_TYPE = "text/calendar"
USUAL_LENGTH = timedelta(hours=1)
"""Of an event: the course file names only its beginning."""


def write(course: Course, home_url: str, changed_at: datetime) -> bytes:
    """The calendar. `changed_at` is when the course's settings changed last."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//moocfeed//course calendar//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", course.title)
    calendar.add("x-wr-calname", course.title)
    calendar.add("x-wr-timezone", course.timezone)
    for week in course.weeks:
        calendar.add_component(_week(course, week, home_url, changed_at))
        for event in week.events:
            calendar.add_component(_event(course, event, changed_at))
    return bytes(calendar.to_ical())


def _week(course: Course, week: Week, home_url: str, changed_at: datetime) -> Event:
    found = Event()
    found.add("uid", f"week-{week.number}@{course.slug}.moocfeed")
    found.add("dtstamp", changed_at)
    found.add("dtstart", week.starts_on)
    found.add("dtend", week.ends_on)
    found.add("summary", f"{course.title} {week.number}: {week.title}")
    if week.question:
        found.add("description", week.question)
    found.add("url", f"{home_url}/weeks/{week.number}")
    found.add("transp", "TRANSPARENT")
    return found


def _event(course: Course, event: CourseEvent, changed_at: datetime) -> Event:
    found = Event()
    name = sha256(f"{event.title}\0{event.starts_at.isoformat()}".encode()).hexdigest()[:16]
    found.add("uid", f"{name}@{course.slug}.moocfeed")
    found.add("dtstamp", changed_at)
    found.add("dtstart", event.starts_at)
    found.add("dtend", event.starts_at + USUAL_LENGTH)
    found.add("summary", event.title)
    if event.url:
        found.add("url", event.url)
    return found
