"""The change log: what mirrors, event streams and tombstones are made from."""

from collections.abc import Sequence

from sqlalchemy import and_, literal_column, select
from sqlalchemy.orm import Session

from models.store.render import feed_posts
from models.store.rows import Change, CourseRow, Withdrawn
from models.tables.courses import ChangeTable
from models.tables.posts import PostTable


def changes(
    session: Session, course: CourseRow, since: int, *, limit: int = 100
) -> tuple[Sequence[Change], bool]:
    """Visible changes after revision `since`, in order, and whether there are more.

    Each carries the post as it is now, or None where it is no longer visible.
    """
    rows = session.execute(
        select(ChangeTable.revision, ChangeTable.change, ChangeTable.post_id)
        .where(ChangeTable.course_id == course.id, ChangeTable.revision > since)
        .order_by(ChangeTable.revision)
        .limit(limit + 1)
    ).all()
    shown = rows[:limit]
    ids = list(dict.fromkeys(row.post_id for row in shown))
    posts = {post.id: post for post in feed_posts(session, course, ids)}
    found = [
        Change(
            row.revision,
            row.change,
            row.post_id,
            None if row.change == "withdraw" else posts.get(row.post_id),
        )
        for row in shown
    ]
    return found, len(rows) > limit


def tombstones(session: Session, course: CourseRow, *, limit: int = 50) -> Sequence[Withdrawn]:
    """The posts withdrawn last that have not come back, newest first."""
    rows = session.execute(
        select(ChangeTable.post_id, ChangeTable.revision, ChangeTable.at)
        .join(
            PostTable,
            and_(PostTable.course_id == ChangeTable.course_id, PostTable.id == ChangeTable.post_id),
        )
        .where(
            ChangeTable.course_id == course.id,
            # In so many words, as the index has it: of a parameter nobody knows what it will be.
            ChangeTable.change == literal_column("'withdraw'"),
            PostTable.visible.is_(False),
            PostTable.revision == ChangeTable.revision,
        )
        .order_by(ChangeTable.revision.desc())
        .limit(limit)
    )
    return [Withdrawn(row.post_id, row.revision, row.at) for row in rows]
