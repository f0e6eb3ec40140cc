"""What participants linked to most, and who did."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from models.domain.identity import key_of_url
from models.domain.links import best_address
from models.store.chunks import chunks
from models.store.rows import CourseRow, SharedLink, Sharer
from models.store.sightings import SHOWN
from models.tables.posts import IdentityTable, LinkTable, PostTable, SightingTable
from models.tables.shares import SharedLinkTable

LOOKED_AT = 8
"""Posts of each link that are asked for its spelling and for who shared it."""
NAMED = 5


def most(session: Session, course: CourseRow, *, limit: int = 100) -> tuple[SharedLink, ...]:
    """Addresses that two people or more link to from visible posts, most people first."""
    rows = session.execute(_most(course, limit)).all()
    firsts = {row.link_key: row.first_posts.split(",") for row in rows}
    posts = _posts(session, course, {post_id for ids in firsts.values() for post_id in ids})
    urls = _urls(session, course, firsts)
    owners = _owners(session, course, list(firsts))
    curated = {
        key_of_url(link.url): link.title for week in course.course.weeks for link in week.links
    }
    found = []
    for row in rows:
        owner = owners.get(row.link_key)
        found.append(
            SharedLink(
                url=best_address([(url, False) for url in urls[row.link_key]]),
                title=curated.get(row.link_key) or (owner.title if owner else None),
                people=row.people,
                posts=row.posts,
                post_id=owner.id if owner else None,
                by=_by([posts[post_id] for post_id in firsts[row.link_key]]),
            )
        )
    return tuple(found)


def _most(course: CourseRow, limit: int) -> Select[*tuple[Any, ...]]:
    """Along the index of links by people; with each, the first visible posts that have it."""
    table = SharedLinkTable
    first = (
        select(LinkTable.post_id)
        .join(
            PostTable,
            and_(PostTable.course_id == LinkTable.course_id, PostTable.id == LinkTable.post_id),
        )
        .where(
            LinkTable.course_id == course.id,
            LinkTable.link_key == table.link_key,
            PostTable.visible.is_(True),
        )
        .order_by(LinkTable.post_id)
        .limit(LOOKED_AT)
        .correlate(table)
        .subquery()
    )
    gathered = select(func.aggregate_strings(first.c.post_id, ","))
    return (
        select(
            table.link_key,
            table.people,
            table.posts,
            gathered.scalar_subquery().label("first_posts"),
        )
        .where(table.course_id == course.id, table.people >= 2)
        .order_by(table.people.desc(), table.posts.desc(), table.link_key.desc())
        .limit(limit)
    )


@dataclass(frozen=True, slots=True)
class _Linking:
    """A post that links somewhere, or is linked."""

    id: str
    title: str | None
    person_key: str
    author: str


def _posts(
    session: Session, course: CourseRow, post_ids: Collection[str]
) -> Mapping[str, _Linking]:
    """The visible ones."""
    return {
        row.id: _Linking(row.id, row.title, row.person_key, row.author_name)
        for part in chunks(post_ids)
        for row in session.execute(
            select(
                PostTable.id,
                PostTable.person_key,
                SightingTable.title,
                SightingTable.author_name,
            )
            .join(SightingTable, SHOWN)
            .where(
                PostTable.course_id == course.id,
                PostTable.id.in_(part),
                PostTable.visible.is_(True),
            )
        )
    }


def _urls(
    session: Session, course: CourseRow, firsts: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    """How these posts spell each link, the first first."""
    spelled: dict[tuple[str, str], str] = {}
    for part in chunks({post_id for ids in firsts.values() for post_id in ids}):
        rows = session.execute(
            select(LinkTable.post_id, LinkTable.link_key, LinkTable.url).where(
                LinkTable.course_id == course.id, LinkTable.post_id.in_(part)
            )
        )
        spelled |= {(row.link_key, row.post_id): row.url for row in rows}
    return {key: [spelled[key, post_id] for post_id in sorted(ids)] for key, ids in firsts.items()}


def _owners(
    session: Session, course: CourseRow, link_keys: Collection[str]
) -> Mapping[str, _Linking]:
    """The course's own visible posts that live there."""
    named = {
        row.key: row.post_id
        for part in chunks(link_keys)
        for row in session.execute(
            select(IdentityTable.key, IdentityTable.post_id).where(
                IdentityTable.course_id == course.id, IdentityTable.key.in_(part)
            )
        )
    }
    posts = _posts(session, course, set(named.values()))
    return {key: posts[post_id] for key, post_id in named.items() if post_id in posts}


def _by(linking: Sequence[_Linking]) -> tuple[Sharer, ...]:
    """Each person once, by the first of their posts."""
    found: dict[str, Sharer] = {}
    for post in sorted(linking, key=lambda post: post.id):
        found.setdefault(post.person_key, Sharer(post.author, post.id))
    return tuple(found.values())[:NAMED]
