"""What collectors are told of a source."""

from datetime import UTC, date, datetime, timedelta

from models.domain.course import Course, Week
from models.domain.coursefile import CourseFile, SourceEntry
from models.store import applying, sources
from models.store.engine import Database
from models.store.sources import SourceRow

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
COURSE = Course("sample", "A sample", ("sample",), timezone="Europe/Berlin")
WEEK = Week(1, "Beginning", date(2026, 1, 5), date(2026, 1, 12))


def applied(database: Database, course: Course) -> SourceRow:
    file = CourseFile(course, (SourceEntry("mastodon", "https://one.example"),))
    with database.writing() as session:
        applying.apply(session, file, AT)
    with database.reading() as session:
        (source,) = sources.listed(session)
    return source


def test_the_first_collection_reaches_back_to_the_first_week(database: Database) -> None:
    course = Course("sample", "A sample", ("sample",), timezone="Europe/Berlin", weeks=(WEEK,))
    rule = sources.spec(applied(database, course), course).rule
    assert rule.since == datetime(2026, 1, 4, 23, tzinfo=UTC).timestamp()


def test_without_weeks_it_reaches_back_90_days(database: Database) -> None:
    rule = sources.spec(applied(database, COURSE), COURSE).rule
    assert rule.since == (AT - timedelta(days=90)).timestamp()
