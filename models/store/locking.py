"""The course's row as the lock of all that changes its posts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.course import Consent, Moderation
from models.store.touched import LockedCourse
from models.tables.courses import CourseTable


def lock_course(session: Session, course_id: int) -> LockedCourse:
    """Locks against other intakes of this course; readers and foreign keys go on."""
    row = session.execute(
        select(
            CourseTable.id,
            CourseTable.revision,
            CourseTable.posts_numbered,
            CourseTable.language,
            CourseTable.consent,
            CourseTable.moderation,
        )
        .where(CourseTable.id == course_id)
        .with_for_update(key_share=True)
    ).one()
    return LockedCourse(
        row.id,
        row.revision,
        row.posts_numbered,
        row.language,
        Consent(row.consent),
        Moderation(row.moderation),
    )
