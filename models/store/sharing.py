"""Counting who links to what from visible posts, as posts come, change and go.

The course's row is locked meanwhile, so what is read here is still so when it is written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.store.among import among, pairs
from models.store.bulk import delete_rows, insert_rows, update_rows
from models.store.chunks import chunks
from models.store.touched import Projected, Values
from models.tables.posts import LinkTable
from models.tables.shares import SharedLinkTable, ShareTable

Share = tuple[str, str]
"""Link key and person key."""


def before(session: Session, course_id: int, projected: Sequence[Projected]) -> Counter[Share]:
    """What visible posts among these share, before they are written."""
    persons = {
        post.touched.id: post.before.person_key
        for post in projected
        if post.before is not None and post.before.visible
    }
    return _shares(session, course_id, persons)


def count(
    session: Session, course_id: int, projected: Sequence[Projected], before: Mapping[Share, int]
) -> None:
    """Counts what they share more or less now that they are written."""
    visible = [post for post in projected if post.placement.visible]
    unread = {post.touched.id: post.row["person_key"] for post in visible if post.content is None}
    changes = _shares(session, course_id, unread)
    for post in visible:
        if post.content is not None:
            person = post.row["person_key"]
            changes.update((link, person) for link in set(post.content.link_keys))
    changes.subtract(before)
    changed = {share: by for share, by in changes.items() if by}
    if changed:
        _count_links(session, course_id, changed, _count_persons(session, course_id, changed))


def _shares(session: Session, course_id: int, persons: Mapping[str, str]) -> Counter[Share]:
    """`persons`: post -> who wrote it."""
    return Counter(
        (row.link_key, persons[row.post_id])
        for part in chunks(persons)
        for row in session.execute(
            select(LinkTable.post_id, LinkTable.link_key).where(
                LinkTable.course_id == course_id, among(session, LinkTable.post_id, part)
            )
        )
    )


def _count_persons(
    session: Session, course_id: int, changed: Mapping[Share, int]
) -> Mapping[str, int]:
    """Returns by how many people each link is shared more or less."""
    known = _known_persons(session, course_id, sorted(changed))
    now = {share: known.get(share, 0) + by for share, by in changed.items()}
    kept = {share for share in known if now[share]}
    insert_rows(session, ShareTable, _rows(course_id, now, now.keys() - known.keys()))
    update_rows(session, ShareTable, _rows(course_id, now, kept))
    delete_rows(session, ShareTable, _rows(course_id, now, known.keys() - kept))
    people = Counter(link for link, _ in now.keys() - known.keys())
    people.subtract(link for link, _ in known.keys() - kept)
    return people


def _rows(course_id: int, now: Mapping[Share, int], wanted: Iterable[Share]) -> list[Values]:
    return [
        {"course_id": course_id, "link_key": link, "person_key": person, "posts": now[link, person]}
        for link, person in sorted(wanted)
    ]


def _known_persons(session: Session, course_id: int, shares: Sequence[Share]) -> dict[Share, int]:
    wanted, link_key, person_key = pairs(session, shares)
    # An outer join is made in the order in which it is written: one search for each pair.
    rows = session.execute(
        select(ShareTable.link_key, ShareTable.person_key, ShareTable.posts)
        .select_from(wanted)
        .outerjoin(
            ShareTable,
            and_(
                ShareTable.course_id == course_id,
                ShareTable.link_key == link_key,
                ShareTable.person_key == person_key,
            ),
        )
    )
    return {(row.link_key, row.person_key): row.posts for row in rows if row.link_key is not None}


def _count_links(
    session: Session, course_id: int, changed: Mapping[Share, int], people: Mapping[str, int]
) -> None:
    posts: Counter[str] = Counter()
    for (link, _), by in changed.items():
        posts[link] += by
    rows = session.execute(
        select(SharedLinkTable.link_key, SharedLinkTable.people, SharedLinkTable.posts).where(
            SharedLinkTable.course_id == course_id, among(session, SharedLinkTable.link_key, posts)
        )
    )
    known = {row.link_key: (row.people, row.posts) for row in rows}
    rows_now: list[Values] = []
    for link, by in sorted(posts.items()):
        were, had = known.get(link, (0, 0))
        row = {"course_id": course_id, "link_key": link, "people": were + people.get(link, 0)}
        rows_now.append(row | {"posts": had + by})
    new = [row for row in rows_now if row["link_key"] not in known]
    kept = [row for row in rows_now if row["link_key"] in known and row["posts"]]
    insert_rows(session, SharedLinkTable, new)
    update_rows(session, SharedLinkTable, kept)
    delete_rows(session, SharedLinkTable, [row for row in rows_now if not row["posts"]])
