"""The posts that are multiplied: taken in as a collector does it, so that all fits together."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from benchmarks.corpus.feeds import BEGIN, DAYS, HASHTAG, feeds
from benchmarks.corpus.published import SLUG
from collectors.contract import Reply
from collectors.reading import read
from models.domain.course import Course, Week
from models.domain.coursefile import CourseFile, SourceEntry
from models.domain.source import SourceSpec
from models.store import applying, courses, intake, sources
from models.store.engine import Database

ENTRIES = (10, 10)
WORDS = 25
"""Short ones: a million long posts would take minutes to copy, and lists don't read them."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def course() -> Course:
    """Twelve weeks, from the first day of the corpus to its last."""
    first = BEGIN.date().toordinal()
    weeks = tuple(
        Week(
            number=number,
            title=f"Week {number}",
            question=None,
            starts_on=date.fromordinal(first + 7 * (number - 1)),
            ends_on=date.fromordinal(first + 7 * number),
        )
        for number in range(1, DAYS // 7 + 1)
    )
    return Course(SLUG, "Sample course", (HASHTAG,), weeks=weeks)


def take_in(database: Database, posts: int) -> None:
    """Applies the course and stores so many posts, a multiple of ten, of feeds of ten each."""
    urls = [f"https://blog{number}.example/feed" for number in range(posts // ENTRIES[0])]
    entries = tuple(
        SourceEntry("feed", url, participant=f"Muster {number}" if number % 2 else None)
        for number, url in enumerate(urls)
    )
    with database.writing() as session:
        applying.apply(session, CourseFile(course(), entries), NOW)
        row = courses.course(session, SLUG)
        specs = {source.url: sources.spec(source, row.course) for source in sources.listed(session)}
        owners = {source.url: source.participant_id for source in sources.listed(session)}
    for url, reply in zip(urls, _replies(urls), strict=True):
        answer = _answer(row.id, specs[url], owners[url], reply)
        with database.writing() as session:
            intake.take_in(session, answer, NOW)


def _replies(urls: list[str]) -> Iterator[Reply]:
    for url, feed in zip(urls, feeds(len(urls), ENTRIES, words=WORDS), strict=True):
        headers = {"content-type": feed.document.content_type}
        yield Reply(url, 200, headers, feed.document.body)


def _answer(course_id: int, spec: SourceSpec, owner: str | None, reply: Reply) -> intake.Answer:
    reading = read(spec, reply, NOW)
    return intake.Answer(course_id, spec.id, reading.entries, participant_id=owner)
