"""Courses: applying a course file, reading one, their revisions."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from models.store.rows import CourseRow, PublicSource, SharedLink


def course(session: Session, slug: str) -> CourseRow:
    """A course with its weeks and counts. Raises `NotFound`."""
    raise NotImplementedError


def courses(session: Session) -> tuple[CourseRow, ...]:
    """All courses, by slug."""
    raise NotImplementedError


def revisions(session: Session) -> Mapping[str, int]:
    """Slug -> revision of every course, in one small query."""
    raise NotImplementedError


def week_counts(session: Session, course: CourseRow) -> Mapping[int, int]:
    """Week number -> visible listed posts in it (weeks without posts included as 0)."""
    raise NotImplementedError


def shared_links(
    session: Session, course: CourseRow, *, limit: int = 100
) -> tuple[SharedLink, ...]:
    """Addresses linked by two people or more, most people first."""
    raise NotImplementedError


def public_sources(session: Session, course: CourseRow) -> tuple[PublicSource, ...]:
    """Sources the public may see: not removed, and of no participant who did not consent."""
    raise NotImplementedError
