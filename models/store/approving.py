"""Letting a post be shown that waited for a facilitator."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.decide import SightingState
from models.domain.errors import NotFound
from models.domain.html import visible_text
from models.domain.source import HELD
from models.store import merging, sources
from models.store.bulk import update_rows
from models.store.locking import lock_course
from models.store.projection import project
from models.store.touched import Counts, SightingId, Touched
from models.tables.posts import PostTable, SightingTable


def approve(session: Session, course_id: int, post_id: str, now: datetime) -> Counts:
    """Shows a post that waited, from now on; one that does not wait is left as it is.

    What strangers sent in is compared with other posts only now: until a person has looked at it,
    whom it names as its author says nothing. Its sources are as good as any from here on. Raises
    `NotFound` where the course has no such post.
    """
    course = lock_course(session, course_id)
    if not _is_held(session, course_id, post_id):
        return Counts()
    trusted = _trust(session, course_id, post_id)
    joined, regrouped = merging.compare(session, course_id, trusted)
    touched = {post_id: Touched(post_id, is_new=False), **joined}
    touched[post_id].approved = True
    changes = project(session, course, touched, {}, now, regrouped)
    return Counts.total(changes)


def _is_held(session: Session, course_id: int, post_id: str) -> bool:
    held = session.scalar(
        select(PostTable.held).where(
            PostTable.course_id == course_id,
            PostTable.id == post_id,
            PostTable.erased_at.is_(None),
        )
    )
    if held is None:
        raise NotFound("there is no such post in this course")
    return held


def _trust(session: Session, course_id: int, post_id: str) -> Collection[SightingId]:
    """Makes the post's sightings that nobody had looked at like all others. Returns these."""
    rows = session.execute(
        select(SightingTable.source_id, SightingTable.entry_key, SightingTable.content_html).where(
            SightingTable.course_id == course_id,
            SightingTable.post_id == post_id,
            SightingTable.state == SightingState.LIVE.value,
        )
    ).all()
    held = {
        source_id
        for source_id in {row.source_id for row in rows}
        if _ends_holding(session, course_id, source_id)
    }
    lengths = [
        {
            "course_id": course_id,
            "source_id": row.source_id,
            "entry_key": row.entry_key,
            "text_length": len(visible_text(row.content_html or "")),
        }
        for row in rows
        if row.source_id in held
    ]
    update_rows(session, SightingTable, lengths)
    return {(row["source_id"], row["entry_key"]) for row in lengths}


def _ends_holding(session: Session, course_id: int, source_id: str) -> bool:
    """Whether what the source brought was held until now, whatever the course's rule."""
    source = sources.at(session, course_id, source_id)
    if source is None or not source.options.get(HELD):
        return False
    sources.change(session, source, {"options": {**source.options, HELD: False}})
    return True
