"""Splitting what was merged and is not one post after all: a person's decision, which holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.errors import Conflict, NotFound
from models.store import merging, ties
from models.store.locking import lock_course
from models.store.projection import project
from models.tables.posts import SightingTable


@dataclass(frozen=True, slots=True)
class PartRow:
    """What a post consists of: a copy, or several that carry the same id or address."""

    id: str
    """What `split` takes. One of a post's parts has the post's own id."""
    urls: tuple[str, ...]
    source_ids: tuple[str, ...]
    title: str | None


def parts(session: Session, course_id: int, post_id: str) -> Sequence[PartRow]:
    """The parts of a post, the first to come first; one where nothing was merged."""
    found: dict[str, list[PartRow]] = {}
    rows = session.execute(
        select(
            SightingTable.own_id, SightingTable.source_id, SightingTable.url, SightingTable.title
        )
        .where(SightingTable.course_id == course_id, SightingTable.post_id == post_id)
        .order_by(SightingTable.first_seen_at, SightingTable.source_id, SightingTable.entry_key)
    )
    for row in rows:
        single = PartRow(row.own_id, (row.url,), (row.source_id,), row.title)
        found.setdefault(row.own_id, []).append(single)
    return [_together(copies) for copies in found.values()]


def _together(copies: Sequence[PartRow]) -> PartRow:
    return PartRow(
        copies[0].id,
        tuple(dict.fromkeys(url for copy in copies for url in copy.urls)),
        tuple(dict.fromkeys(source for copy in copies for source in copy.source_ids)),
        next((copy.title for copy in copies if copy.title), None),
    )


def split(session: Session, course_id: int, part_id: str, now: datetime) -> str:
    """Makes a part of a merged post a post of its own again, for good.

    Returns its id, which is that of the part: where it was a post before, its old address answers
    again. Nothing is merged with it any more; whatever comes later for it goes to it. Raises
    `NotFound` where there is no such part, `Conflict` where it is a post of its own already.
    """
    course = lock_course(session, course_id)
    post_id = _post_of(session, course_id, part_id)
    if len(parts(session, course_id, post_id)) == 1:
        raise Conflict("this post was not merged with another")
    together = ties.following(session, course_id, [part_id])
    touched, regrouped = merging.rearrange(
        session, course_id, {}, {}, together.values(), frozenset({part_id})
    )
    project(session, course, touched, {}, now, regrouped)
    return part_id


def _post_of(session: Session, course_id: int, part_id: str) -> str:
    """Found by the ties it has: the post's id is one of the parts it is tied to."""
    together = ties.following(session, course_id, [part_id])
    ends = {part_id} | {end for tie in together.values() for end in (tie.one, tie.other)}
    post_id = session.scalar(
        select(SightingTable.post_id)
        .where(
            SightingTable.course_id == course_id,
            SightingTable.post_id.in_(ends),
            SightingTable.own_id == part_id,
        )
        .limit(1)
    )
    if post_id is None:
        raise NotFound("there is no such part of a post in this course")
    return post_id
