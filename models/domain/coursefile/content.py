"""What a course file holds."""

from dataclasses import dataclass

from models.domain.course import Course
from models.domain.source import Match


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source as the course file names it."""

    kind: str
    url: str
    match: Match = Match.HASHTAG
    participant: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class CourseFile:
    """Everything a course file holds."""

    course: Course
    sources: tuple[SourceEntry, ...] = ()
