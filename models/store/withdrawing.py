"""Taking back what a source brought, once it is no longer the course's."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.decide import SightingState
from models.store.locking import lock_course
from models.store.projection import project
from models.store.touched import SOURCE_REMOVED, Counts, Touched
from models.tables.posts import SightingTable


def withdraw_source(session: Session, course_id: int, source_id: str, now: datetime) -> Counts:
    """Takes back everything a source brought; posts that others brought too stay."""
    course = lock_course(session, course_id)
    touched: dict[str, Touched] = {}
    for entry_key, post_id in session.execute(
        select(SightingTable.entry_key, SightingTable.post_id).where(
            SightingTable.course_id == course_id,
            SightingTable.source_id == source_id,
            SightingTable.state == SightingState.LIVE.value,
        )
    ):
        assert post_id is not None  # live sightings have a post
        entry = touched.setdefault(post_id, Touched(post_id, is_new=False))
        entry.taken_back[source_id, entry_key] = SOURCE_REMOVED
    return Counts.total(project(session, course, touched, {}, now)) if touched else Counts()
