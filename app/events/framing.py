"""Changes as Server-Sent Events (WHATWG HTML §9.2), a page of the log at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from app.api import documents
from models.store import changelog, courses
from models.store.engine import Database
from models.store.rows import Change

PAGE = 20
"""Changes that are read at once."""
PAGE_BYTES = 64 * 1024
"""A page ends with the change that goes beyond this: it is what a slow reader holds."""
HEARTBEAT = b":\n\n"


@dataclass(frozen=True, slots=True)
class Page:
    """What follows a revision in the change log."""

    body: bytes
    events: int
    revision: int
    """Where it ends: what comes next is read from there."""


def event(change: Change) -> bytes:
    """`data` is the post as it is now; of a post that is not visible now, its id alone."""
    data = documents.post(change.post) if change.post else {"id": change.id}
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        change.revision,
        change.change.encode(),
        orjson.dumps(data),
    )


def place(revision: int) -> bytes:
    """Tells the reader where it is, by no event: from there it resumes."""
    return b"id: %d\n\n" % revision


def retry(milliseconds: int) -> bytes:
    """How long the reader waits before it comes back."""
    return b"retry: %d\n\n" % milliseconds


def read(database: Database, slug: str, since: int) -> Page:
    """The page after a revision. Raises `NotFound` for an unknown course.

    Where the course never got as far as `since`, the page only tells where it is.
    """
    with database.reading() as session:
        course = courses.plain_course(session, slug)
        found, _ = changelog.changes(session, course, since, limit=PAGE)
    if found:
        return page(found)
    return Page(place(course.revision) if course.revision < since else b"", 0, course.revision)


def page(changes: Sequence[Change]) -> Page:
    """As many of these changes, at least one, as make a page."""
    events: list[bytes] = []
    size = 0
    for change in changes:
        events.append(event(change))
        size += len(events[-1])
        if size >= PAGE_BYTES:
            break
    return Page(b"".join(events), len(events), changes[len(events) - 1].revision)
