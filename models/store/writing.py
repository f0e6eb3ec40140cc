"""Writing what was projected: rows of posts, sightings, identities, and what is found by them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Update, bindparam, case, update
from sqlalchemy.orm import Session

from models.domain.decide import Known, SightingState
from models.store import documents, sightings
from models.store.bulk import insert_rows, update_rows
from models.store.touched import (
    LockedCourse,
    Projected,
    Regrouped,
    SightingId,
    Values,
    state_after,
)
from models.tables.base import rows_of
from models.tables.posts import IdentityTable, PostTable, SightingTable


def write(
    session: Session,
    course: LockedCourse,
    projected: Sequence[Projected],
    known: Mapping[SightingId, Known],
    now: datetime,
    regrouped: Regrouped,
) -> None:
    """Writes posts and all that belongs to them but edges and the change log."""
    insert_rows(session, PostTable, [post.row for post in projected if post.before is None])
    _update_posts(session, projected)
    _move(session, course.id, projected, regrouped)
    _write_sightings(session, course.id, projected, known, now)
    keys = [
        {"course_id": course.id, "key": key, "post_id": post.touched.id, "own_id": own_id}
        for post in projected
        for key, own_id in post.touched.identity_keys.items()
    ]
    insert_rows(session, IdentityTable, keys)
    documents.write(session, course, projected)


def _update_posts(session: Session, projected: Sequence[Projected]) -> None:
    """Writes what differs from before, and nothing else."""
    alike: dict[tuple[str, ...], list[Values]] = {}
    for post in projected:
        before = post.before
        if before is not None:
            differing = {
                name: value for name, value in post.row.items() if getattr(before, name) != value
            }
            row = {"course_id": before.course_id, "id": before.id, **differing}
            alike.setdefault(tuple(differing), []).append(row)
    session.expunge_all()  # the rows before were read through the session; these are newer
    for columns, rows in alike.items():
        if columns:
            update_rows(session, PostTable, rows)


def _move(
    session: Session, course_id: int, projected: Sequence[Projected], regrouped: Regrouped
) -> None:
    """Parts go to the posts that they belong to now, with their sightings and identity keys."""
    if not regrouped.homes:
        return
    places = {post.touched.id: _place(post) for post in projected}
    moves: list[Values] = [
        {"course": course_id, "own": own_id, "from_post": regrouped.former[own_id], "to_post": home}
        for own_id, home in regrouped.homes.items()
    ]
    session.connection().execute(_moving(IdentityTable).values(post_id=bindparam("to_post")), moves)
    session.connection().execute(
        _moving(SightingTable).values(
            post_id=bindparam("to_post"),
            published_at=bindparam("at"),
            listed=case(
                (SightingTable.state == SightingState.LIVE.value, bindparam("in_lists")),
                else_=False,
            ),
        ),
        [move | _bound(places[move["to_post"]]) for move in moves],
    )


def _moving(table: type[IdentityTable] | type[SightingTable]) -> Update:
    return update(rows_of(table)).where(
        table.course_id == bindparam("course"),
        table.post_id == bindparam("from_post"),
        table.own_id == bindparam("own"),
    )


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
            "state": state_after(reason).value,
            "reason": reason,
            "listed": False,
            "seen_at": now,
            "check_at": None,
        }
        for post in projected
        for (source_id, entry_key), reason in post.touched.taken_back.items()
    ]
    update_rows(session, SightingTable, taken_back)
    moved = [
        {"course": course_id, "post": post.touched.id, **_bound(_place(post))}
        for post in projected
        if post.before is not None and _moved(post)
    ]
    if moved:
        table = SightingTable
        session.connection().execute(
            update(rows_of(table))
            .where(
                table.course_id == bindparam("course"),
                table.post_id == bindparam("post"),
                table.state == SightingState.LIVE.value,
            )
            .values(published_at=bindparam("at"), listed=bindparam("in_lists")),
            moved,
        )


def _bound(place: Values) -> Values:
    """Under names that are not columns': those stand for what is set."""
    return {"at": place["published_at"], "in_lists": place["listed"]}


def _place(post: Projected) -> Values:
    """What live sightings and tags copy from their post, so that their lists can be walked."""
    return {"published_at": post.row["published_at"], "listed": post.row["listed"]}


def _moved(post: Projected) -> bool:
    assert post.before is not None
    return (post.before.published_at, post.before.listed) != (
        post.row["published_at"],
        post.row["listed"],
    )
