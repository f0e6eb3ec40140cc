"""Placing a course's posts anew, without anything new having come."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.store.chunks import chunks
from models.store.locking import lock_course
from models.store.projection import project
from models.store.touched import Counts, Touched
from models.tables.posts import PostTable


def reproject(
    session: Session,
    course_id: int,
    now: datetime,
    *,
    shown_otherwise: Callable[[datetime], bool] = lambda _: False,
) -> Counts:
    """Places every post anew, after the course's rules for showing them have changed.

    `shown_otherwise` says of a time of publication whether posts of then look different by now:
    they are changed, for mirrors too.
    """
    rows = session.execute(
        select(PostTable.id, PostTable.published_at).where(PostTable.course_id == course_id)
    )
    published = {row.id: row.published_at for row in rows}
    total = Counts()
    for part in chunks(published):
        course = lock_course(session, course_id)
        touched = {
            id_: Touched(id_, is_new=False, shown_otherwise=shown_otherwise(published[id_]))
            for id_ in part
        }
        total += Counts.total(project(session, course, touched, {}, now))
    return total
