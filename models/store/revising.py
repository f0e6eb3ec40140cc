"""Revisions: each visible change gets the course's next number and a row in the change log."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from models.store.bulk import insert_rows, update_rows
from models.store.touched import LockedCourse, Projected
from models.tables.courses import ChangeTable
from models.tables.posts import PostTable

Logged = tuple[str, str]
"""What the change log says, and of which post."""


def number(course: LockedCourse, projected: Sequence[Projected]) -> Sequence[Logged]:
    """Gives the posts that change visibly their revisions, oldest first, before they are written.

    Returns what is to be logged: the first gets the revision after the course's.
    """
    changing = sorted(
        (post for post in projected if post.change is not None),
        key=lambda post: (post.row["published_at"], post.touched.id),
    )
    for revision, post in enumerate(changing, start=course.revision + 1):
        post.row["revision"] = revision
    return [(post.change, post.touched.id) for post in changing if post.change is not None]


def log(
    session: Session,
    course: LockedCourse,
    logged: Sequence[Logged],
    others: Collection[str],
    now: datetime,
) -> int:
    """Writes the change log. Returns the last revision.

    `others`: posts of which only changed what stands under them. Those of them that changed anyway
    need no further revision.
    """
    known = {post_id for _, post_id in logged}
    further = [("change", post_id) for post_id in sorted(others) if post_id not in known]
    rows = [
        {
            "course_id": course.id,
            "revision": revision,
            "change": change,
            "post_id": post_id,
            "at": now,
        }
        for revision, (change, post_id) in enumerate([*logged, *further], start=course.revision + 1)
    ]
    insert_rows(session, ChangeTable, rows)
    renumbered = [
        {"course_id": course.id, "id": row["post_id"], "revision": row["revision"]}
        for row in rows[len(logged) :]
    ]
    update_rows(session, PostTable, renumbered)
    return course.revision + len(rows)
