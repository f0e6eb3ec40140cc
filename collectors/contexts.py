"""What collecting has to know of courses, kept until they change."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain.course import Course
from models.store import courses, sources
from models.store.engine import Database


@dataclass(frozen=True, slots=True)
class CourseContext:
    """A course's settings, and the names of its participants by id."""

    course: Course
    names: Mapping[str, str]

    def name_of(self, participant_id: str | None) -> str | None:
        return self.names.get(participant_id) if participant_id else None


class Contexts:
    """The contexts of all courses by id, read again when a course's settings changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: object = None
        self._kept: Mapping[int, CourseContext] = {}

    def read(self) -> Mapping[int, CourseContext]:
        """Blocking. Costs one small query while nothing has changed."""
        with self._database.reading() as session:
            seen = {slug: at.settings_at for slug, at in courses.versions(session).items()}
            if seen != self._seen:
                self._kept = {
                    course_id: CourseContext(course, sources.participant_names(session, course_id))
                    for course_id, course in courses.settings(session).items()
                }
                self._seen = seen
        return self._kept
