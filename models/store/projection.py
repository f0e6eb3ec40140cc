"""From sightings to posts: which one a post shows, whether it is visible, what that changes.

`project` writes everything that hangs on a post: its row, sightings, identities, tags, links,
edges, search document, and a row of the change log for each visible change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.domain.choose import ENDING, Seen, Shown, choose
from models.domain.course import Moderation
from models.domain.decide import Known, SightingState
from models.domain.identity import person_key
from models.domain.post import Kind, Post
from models.domain.visibility import placement
from models.store import conversation, documents, revising, sightings
from models.store.among import among
from models.store.bulk import insert_rows, update_rows
from models.store.chunks import chunks
from models.store.touched import LockedCourse, Projected, SightingId, Touched, Values
from models.tables.courses import CourseTable
from models.tables.people import AccountTable
from models.tables.posts import IdentityTable, PostTable, SightingTable


def project(
    session: Session,
    course: LockedCourse,
    touched: Mapping[str, Touched],
    known: Mapping[SightingId, Known],
    now: datetime,
) -> dict[str, str | None]:
    """Writes the touched posts. Returns for each what the change log says of it, if anything."""
    known_ids = [post.id for post in touched.values() if not post.is_new]
    before = _posts(session, course.id, known_ids)
    seen = _seen(session, course.id, known_ids)
    participants = _participants(session, course.id, touched.values())
    projected = [
        _projected(
            course, post, before.get(post.id), seen.get(post.id, {}), known, participants, now
        )
        for post in sorted(touched.values(), key=lambda post: post.id)
    ]
    _number(course, projected)
    logged = revising.number(course, projected)
    _write(session, course, projected, known, now)
    answered = conversation.connect(session, course.id, projected)
    revision = revising.log(session, course, logged, answered, now)
    _advance(session, course, revision, projected)
    return {post.touched.id: post.change for post in projected}


def _posts(session: Session, course_id: int, ids: Sequence[str]) -> dict[str, PostTable]:
    return {
        row.id: row
        for part in chunks(ids)
        for row in session.scalars(
            select(PostTable).where(PostTable.course_id == course_id, PostTable.id.in_(part))
        )
    }


_LENGTH = func.length(SightingTable.content_html)


def _seen(
    session: Session, course_id: int, post_ids: Sequence[str]
) -> dict[str, dict[SightingId, Seen]]:
    """What is kept of the posts' sightings, as far as choosing among them needs it."""
    found: dict[str, dict[SightingId, Seen]] = {}
    for part in chunks(post_ids):
        rows = session.execute(
            select(
                SightingTable.post_id,
                SightingTable.source_id,
                SightingTable.entry_key,
                SightingTable.external_id,
                SightingTable.state,
                SightingTable.from_origin,
                _LENGTH.label("length"),
                SightingTable.excerpt,
                func.substr(SightingTable.content_html, _LENGTH - ENDING + 1).label("ending"),
                SightingTable.first_seen_at,
                SightingTable.stated_at,
                SightingTable.dated,
                SightingTable.url,
            ).where(SightingTable.course_id == course_id, SightingTable.post_id.in_(part))
        )
        for row in rows:
            found.setdefault(row.post_id, {})[row.source_id, row.entry_key] = Seen(
                row.source_id,
                row.entry_key,
                row.external_id,
                SightingState(row.state),
                row.from_origin,
                row.length or 0,
                row.excerpt or "",
                row.ending or "",
                row.first_seen_at,
                row.stated_at,
                row.dated,
                row.url,
            )
    return found


def _participants(
    session: Session, course_id: int, touched: Iterable[Touched]
) -> Mapping[str, str]:
    """Account key -> participant id, for the authors of the new sightings."""
    keys = {person_key(post.author.key) for entry in touched for post in entry.posts.values()}
    query = select(AccountTable.key, AccountTable.participant_id).where(
        AccountTable.course_id == course_id, among(session, AccountTable.key, keys)
    )
    return {row.key: row.participant_id for row in session.execute(query)} if keys else {}


def _projected(
    course: LockedCourse,
    touched: Touched,
    before: PostTable | None,
    kept: Mapping[SightingId, Seen],
    known: Mapping[SightingId, Known],
    participants: Mapping[str, str],
    now: datetime,
) -> Projected:
    seen = dict(kept)
    for key, sighted in touched.posts.items():
        seen[key] = _as_seen(key, sighted, known.get(key), now)
    for key in touched.taken_back:
        if key in seen:
            seen[key] = _withdrawn(seen[key])
    shown = choose(list(seen.values()))
    post = (
        touched.posts.get((shown.sighting.source_id, shown.sighting.entry_key)) if shown else None
    )
    row = _row(course, touched, before, shown, post, participants, now)
    placed = placement(
        kind=Kind(row["kind"]),
        consent=course.consent,
        participant=row["participant_id"] is not None,
        held=row["held"],
        hidden=row["hidden"],
        withdrawn=row["withdrawn_at"] is not None,
        erased=before is not None and before.erased_at is not None,
    )
    row |= {"visible": placed.visible, "listed": placed.listed}
    moved = (
        before is None
        or (before.shown_source_id, before.shown_entry_key)
        != (row["shown_source_id"], row["shown_entry_key"])
        or (before.url, before.published_at) != (row["url"], row["published_at"])
    )
    return Projected(touched, before, shown, row, placed, moved or post is not None, post)


def _as_seen(key: SightingId, post: Post, known: Known | None, now: datetime) -> Seen:
    first = known.first_seen_at if known else now
    undated = known.stated_at if known and known.stated_at else post.published_at
    return Seen(
        *key,
        post.external_id,
        SightingState.LIVE,
        post.from_origin,
        len(post.content_html),
        post.excerpt,
        post.content_html[-ENDING:],
        first,
        post.published_at if post.dated else undated,
        post.dated,
        post.url,
    )


def _withdrawn(seen: Seen) -> Seen:
    return replace(seen, state=SightingState.WITHDRAWN)


def _row(
    course: LockedCourse,
    touched: Touched,
    before: PostTable | None,
    shown: Shown | None,
    post: Post | None,
    participants: Mapping[str, str],
    now: datetime,
) -> Values:
    """The post's row: what the shown sighting says, and what stays as it was."""
    kept: Values = (
        {column: getattr(before, column) for column in _KEPT}
        if before is not None
        else _fresh(course, now, held=touched.held)
    )
    row = {"course_id": course.id, "id": touched.id, **kept}
    if shown is None:
        return row | {"withdrawn_at": row["withdrawn_at"] or now}
    row |= {
        "url": shown.url,
        "published_at": shown.published_at,
        "shown_source_id": shown.sighting.source_id,
        "shown_entry_key": shown.sighting.entry_key,
        "withdrawn_at": None,
    }
    if post is not None:
        key = person_key(post.author.key)
        participant = touched.participant_id or participants.get(key) or row["participant_id"]
        row |= {
            "kind": post.kind.value,
            "language": post.language,
            "updated_at": post.updated_at or shown.published_at,
            "participant_id": participant,
            "person_key": person_key(f"participant\x00{participant}") if participant else key,
            "reply_key": post.reply_key,
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


def _write(
    session: Session,
    course: LockedCourse,
    projected: Sequence[Projected],
    known: Mapping[SightingId, Known],
    now: datetime,
) -> None:
    new = [post.row for post in projected if post.before is None]
    old = [post.row for post in projected if post.before is not None]
    insert_rows(session, PostTable, new)
    if old:
        session.expunge_all()  # the rows above were read through the session; these are newer
        update_rows(session, PostTable, old)
    _write_sightings(session, course.id, projected, known, now)
    keys = [
        {"course_id": course.id, "key": key, "post_id": post.touched.id}
        for post in projected
        for key in post.touched.identity_keys
    ]
    insert_rows(session, IdentityTable, keys)
    documents.write(session, course, projected)


def _write_sightings(
    session: Session,
    course_id: int,
    projected: Sequence[Projected],
    known: Mapping[SightingId, Known],
    now: datetime,
) -> None:
    inserts: list[Values] = []
    updates: list[Values] = []
    for post in projected:
        for key, content in post.touched.posts.items():
            row = sightings.live(course_id, key[0], content, known.get(key), now)
            row |= {"post_id": post.touched.id, **_place(post)}
            (updates if key in known else inserts).append(row)
    insert_rows(session, SightingTable, inserts)
    update_rows(session, SightingTable, updates)
    taken_back = [
        {
            "course_id": course_id,
            "source_id": source_id,
            "entry_key": entry_key,
            "state": SightingState.WITHDRAWN.value,
            "reason": reason,
            "seen_at": now,
            "check_at": None,
        }
        for post in projected
        for (source_id, entry_key), reason in post.touched.taken_back.items()
    ]
    update_rows(session, SightingTable, taken_back)
    for post in projected:
        if post.before is not None and _moved(post):
            session.execute(
                update(SightingTable)
                .where(
                    SightingTable.course_id == course_id, SightingTable.post_id == post.touched.id
                )
                .values(**_place(post))
                .execution_options(synchronize_session=False)
            )


def _place(post: Projected) -> Values:
    """What sightings and tags copy from their post, so that their lists can be walked."""
    return {"published_at": post.row["published_at"], "listed": post.row["listed"]}


def _moved(post: Projected) -> bool:
    assert post.before is not None
    return (post.before.published_at, post.before.listed) != (
        post.row["published_at"],
        post.row["listed"],
    )


def _advance(
    session: Session,
    course: LockedCourse,
    revision: int,
    projected: Sequence[Projected],
) -> None:
    numbered = max((post.row["number"] for post in projected), default=0)
    listed = sum(post.row["listed"] - post.was_listed for post in projected)
    session.execute(
        update(CourseTable)
        .where(CourseTable.id == course.id)
        .values(
            revision=revision,
            posts_numbered=max(course.posts_numbered, numbered),
            posts_listed=CourseTable.posts_listed + listed,
        )
        .execution_options(synchronize_session=False)
    )
