"""Posts that come while something is measured, taken in as a collector does it."""

import itertools
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from benchmarks.corpus.feeds import HASHTAG
from benchmarks.corpus.published import SLUG
from collectors.contract import Reply
from collectors.reading import read
from models.store import courses, intake, sources
from models.store.engine import open_database

_ENTRY = (
    "<entry><id>urn:new:{number}</id><title>New {number}</title>"
    '<link href="https://new.example/{number}"/><updated>{at}</updated>'
    '<category term="{tag}"/><content>Number {number} of those that are new.</content></entry>'
)


class Growing:
    """A database of `filled`, in which posts appear."""

    def __init__(self, url: str) -> None:
        self._database = open_database(url, key=bytes)
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        with self._database.reading() as session:
            self._course = courses.course(session, SLUG)
            self._source = sources.spec(sources.listed(session)[0], self._course.course)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._database.dispose()

    def grow(self, posts: int) -> None:
        """So many more, in one transaction."""
        now = datetime.now(UTC)
        entries = "".join(
            _ENTRY.format(number=next(self._numbers), at=f"{now:%Y-%m-%dT%H:%M:%SZ}", tag=HASHTAG)
            for _ in range(posts)
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>New</title>{entries}</feed>'
        reply = Reply(
            self._source.url, 200, {"content-type": "application/atom+xml"}, body.encode()
        )
        reading = read(self._source, reply, now)
        with self._database.writing() as session:
            answer = intake.Answer(self._course.id, self._source.id, reading.entries)
            intake.take_in(session, answer, now)
