"""From sightings to posts: which one a post shows, whether it is visible, what that changes.

`project` writes everything that hangs on a post: its row, sightings, identities, tags, links,
edges, search document, and a row of the change log for each visible change.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.domain.choose import Seen
from models.domain.course import Moderation
from models.domain.decide import Known
from models.domain.post import Kind
from models.domain.visibility import placement
from models.store import (
    announcing,
    choosing,
    conversation,
    people,
    planner,
    revising,
    sharing,
    writing,
)
from models.store.choosing import Choice, person_key_of
from models.store.chunks import chunks
from models.store.contents import Content
from models.store.touched import (
    LockedCourse,
    Projected,
    Regrouped,
    SightingId,
    Touched,
    Values,
)
from models.tables.courses import CourseTable
from models.tables.posts import PostTable

NOTHING_REGROUPED = Regrouped()


def project(
    session: Session,
    course: LockedCourse,
    touched: Mapping[str, Touched],
    known: Mapping[SightingId, Known],
    now: datetime,
    regrouped: Regrouped = NOTHING_REGROUPED,
) -> dict[str, str | None]:
    """Writes the touched posts. Returns for each what a summary says of it, if anything."""
    projected = _projected_all(session, course, touched.values(), known, now, regrouped)
    concerned = announcing.concerned(session, course.id, projected, regrouped)
    others = concerned - {post.touched.id for post in projected}
    also = [Touched(post_id, is_new=False) for post_id in others]
    projected += _projected_all(session, course, also, known, now, regrouped)
    announced = announcing.settle(session, course.id, projected, concerned, regrouped)
    _number(course, projected)
    logged = revising.number(course, projected)
    shared = sharing.before(session, course.id, projected)
    writing.write(session, course, projected, known, now, regrouped)
    sharing.count(session, course.id, projected, shared)
    people.count_posts(session, course.id, projected)
    answered = conversation.connect(session, course.id, projected)
    revision = revising.log(session, course, logged, announced | set(answered), now)
    _advance(session, course, revision, projected)
    return {post.touched.id: post.counted for post in projected if post.touched.id in touched}


def _projected_all(
    session: Session,
    course: LockedCourse,
    touched: Iterable[Touched],
    known: Mapping[SightingId, Known],
    now: datetime,
    regrouped: Regrouped,
) -> list[Projected]:
    posts = sorted(touched, key=lambda post: post.id)
    before = _posts(session, course.id, [post.id for post in posts if not post.is_new])
    kept = choosing.seen(session, course.id, posts, regrouped)
    choices = {post.id: choosing.chosen(post, kept.get(post.id, {}), known, now) for post in posts}
    found = choosing.contents_of(session, course.id, posts, before, choices)
    projected = [
        _projected(
            course, post, before.get(post.id), choices[post.id], found.get(post.id), regrouped, now
        )
        for post in posts
    ]
    for post in projected:
        post.only_a_copy = _is_only_a_copy(post, kept.get(post.touched.id, {}), known)
    return projected


def _is_only_a_copy(
    post: Projected, kept: Mapping[SightingId, Seen], known: Mapping[SightingId, Known]
) -> bool:
    """Whether nothing that was known of it changed, and it still reads as before."""
    touched, before, shown = post.touched, post.before, post.shown
    if before is None or shown is None or before.listed != post.row["listed"]:
        return False
    if not touched.posts or touched.taken_back or touched.shown_otherwise:
        return False
    if any(key in known and known[key].post_id is not None for key in touched.posts):
        return False
    was = kept.get((before.shown_source_id or "", before.shown_entry_key or ""))
    return was is not None and was.excerpt == shown.sighting.excerpt


def _posts(session: Session, course_id: int, ids: Sequence[str]) -> dict[str, PostTable]:
    return {
        row.id: row
        for part in chunks(ids)
        for row in session.scalars(
            select(PostTable).where(PostTable.course_id == course_id, PostTable.id.in_(part))
        )
    }


def _projected(
    course: LockedCourse,
    touched: Touched,
    before: PostTable | None,
    choice: Choice,
    content: Content | None,
    regrouped: Regrouped,
    now: datetime,
) -> Projected:
    row = _row(course, touched, before, choice, content, now)
    if touched.id in regrouped.merged:
        row["merged_into"] = regrouped.merged[touched.id]
    if row["merged_into"] is not None:
        # Nobody took it back; whom it answers or announces is the other's to say now.
        row |= {"withdrawn_at": None, "reply_key": None, "announces_id": None}
    row["apart"] |= touched.id in regrouped.apart
    placed = placement(
        kind=Kind(row["kind"]),
        consent=course.consent,
        participant=row["participant_id"] is not None,
        held=row["held"],
        hidden=row["hidden"],
        withdrawn=row["withdrawn_at"] is not None or row["merged_into"] is not None,
        erased=before is not None and before.erased_at is not None,
    )
    row |= {"visible": placed.visible, "listed": placed.listed}
    moved = before is None or (before.url, before.published_at) != (row["url"], row["published_at"])
    changed = moved or content is not None
    shown, said = (choice.shown, content) if choice.is_live else (None, None)
    return Projected(touched, before, shown, row, placed, changed, said, choice.sources_changed)


def _row(
    course: LockedCourse,
    touched: Touched,
    before: PostTable | None,
    choice: Choice,
    content: Content | None,
    now: datetime,
) -> Values:
    """The post's row: what the shown sighting says, and what stays as it was."""
    kept: Values = (
        {column: getattr(before, column) for column in _KEPT}
        if before is not None
        else _fresh(course, now, held=touched.held)
    )
    if touched.approved or (touched.vouched and course.moderation is Moderation.AFTER):
        kept["held"] = False
    row = {"course_id": course.id, "id": touched.id, **kept}
    shown = choice.shown
    if shown is None:
        return row | {"withdrawn_at": row["withdrawn_at"] or now}
    row |= {
        "url": shown.url,
        "published_at": shown.published_at,
        "shown_source_id": shown.sighting.source_id,
        "shown_entry_key": shown.sighting.entry_key,
        "participant_id": shown.participant_id,
        "person_key": person_key_of(shown),
        "withdrawn_at": None if choice.is_live else now,
    }
    if content is not None:
        row |= {
            "kind": content.kind.value,
            "language": content.language,
            "updated_at": content.updated_at or shown.published_at,
            "reply_key": content.reply_key,
        }
    return row


_KEPT = [
    "number",
    "kind",
    "url",
    "language",
    "published_at",
    "updated_at",
    "first_seen_at",
    "person_key",
    "participant_id",
    "reply_key",
    "responses",
    "revision",
    "shown_source_id",
    "shown_entry_key",
    "pinned",
    "held",
    "hidden",
    "withdrawn_at",
    "announces_id",
    "merged_into",
    "apart",
]


def _fresh(course: LockedCourse, now: datetime, *, held: bool) -> Values:
    return {
        "number": 0,
        "first_seen_at": now,
        "responses": 0,
        "revision": 0,
        "participant_id": None,
        "pinned": False,
        "held": held or course.moderation is Moderation.BEFORE,
        "hidden": False,
        "withdrawn_at": None,
        "announces_id": None,
        "merged_into": None,
        "apart": False,
    }


def _number(course: LockedCourse, projected: Sequence[Projected]) -> None:
    number = course.posts_numbered
    for post in projected:
        if post.before is None:
            number += 1
            post.row["number"] = number


def _advance(
    session: Session,
    course: LockedCourse,
    revision: int,
    projected: Sequence[Projected],
) -> None:
    numbered = max((course.posts_numbered, *(post.row["number"] for post in projected)))
    listed = sum(post.row["listed"] - post.was_listed for post in projected)
    session.execute(
        update(CourseTable)
        .where(CourseTable.id == course.id)
        .values(
            revision=revision,
            posts_numbered=numbered,
            posts_listed=CourseTable.posts_listed + listed,
        )
        .execution_options(synchronize_session=False)
    )
    planner.look_again(session, course.posts_numbered, numbered)
