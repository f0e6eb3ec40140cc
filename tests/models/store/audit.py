"""Everything that is kept twice, counted or derived, made anew from the sightings and compared."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models.domain.hashtags import match_key
from models.domain.identity import key_of_url
from models.store.engine import Database
from models.tables.courses import ChangeTable, CourseTable
from models.tables.posts import (
    EdgeTable,
    IdentityTable,
    LinkTable,
    PostTable,
    SightingTable,
    TagTable,
)


def audit(database: Database) -> None:
    """Raises `AssertionError` where anything is not what it must be."""
    with database.reading() as session:
        posts = {post.id: post for post in session.scalars(select(PostTable))}
        sightings = [
            sighting
            for sighting in session.scalars(select(SightingTable))
            if sighting.post_id is not None
        ]
        shown = {(sighting.source_id, sighting.entry_key): sighting for sighting in sightings}
        _parts(session, posts, sightings)
        _places(session, posts, sightings)
        _documents(session, posts, shown)
        _search(session, database, posts)
        _edges(session, posts, shown)
        _announcements(posts)
        _log(session, posts)


def _parts(
    session: Session, posts: Mapping[str, PostTable], sightings: list[SightingTable]
) -> None:
    """A part is never torn, and what was merged has nothing left of its own."""
    homes: dict[str, set[str]] = {}
    for row in [*sightings, *session.scalars(select(IdentityTable))]:
        assert row.own_id is not None
        assert row.post_id is not None
        homes.setdefault(row.own_id, set()).add(row.post_id)
    assert all(len(found) == 1 for found in homes.values())
    for post in posts.values():
        own = [sighting for sighting in sightings if sighting.post_id == post.id]
        if post.merged_into is None:
            assert own
        else:
            assert not own
            assert posts[post.merged_into].merged_into is None
            assert (post.visible, post.listed, post.withdrawn_at) == (False, False, None)


def _places(
    session: Session, posts: Mapping[str, PostTable], sightings: list[SightingTable]
) -> None:
    for sighting in sightings:
        post = posts[sighting.post_id or ""]
        assert (sighting.published_at, sighting.listed) == (post.published_at, post.listed)
    for tag in session.scalars(select(TagTable)):
        post = posts[tag.post_id]
        assert (tag.published_at, tag.listed) == (post.published_at, post.listed)
    listed = sum(post.listed for post in posts.values())
    assert session.scalar(select(CourseTable.posts_listed)) == listed


def _documents(
    session: Session,
    posts: Mapping[str, PostTable],
    shown: Mapping[tuple[str, str], SightingTable],
) -> None:
    """Row, tags and links of every visible post are those of the sighting it shows."""
    tags: dict[str, set[str]] = {}
    links: dict[str, set[str]] = {}
    for tag in session.scalars(select(TagTable)):
        tags.setdefault(tag.post_id, set()).add(tag.tag)
    for link in session.scalars(select(LinkTable)):
        links.setdefault(link.post_id, set()).add(link.link_key)
    for post in posts.values():
        if not post.visible:
            continue
        sighting = shown[post.shown_source_id or "", post.shown_entry_key or ""]
        assert sighting.post_id == post.id
        assert sighting.state == "live"
        assert (post.kind, post.language, post.reply_key) == (
            sighting.kind,
            sighting.language,
            sighting.reply_key,
        )
        assert tags.get(post.id, set()) == {match_key(tag) for tag in sighting.hashtags}
        assert links.get(post.id, set()) == {key_of_url(link) for link in sighting.links}
    for post_id in tags.keys() | links.keys():
        assert posts[post_id].merged_into is None


def _search(session: Session, database: Database, posts: Mapping[str, PostTable]) -> None:
    number = "rowid & 1099511627775" if database.is_sqlite else "number"
    indexed = session.scalars(text(f"SELECT {number} FROM post_search")).all()
    assert sorted(indexed) == sorted(post.number for post in posts.values() if post.visible)


Edge = tuple[str, str, str]


def _edges(
    session: Session,
    posts: Mapping[str, PostTable],
    shown: Mapping[tuple[str, str], SightingTable],
) -> None:
    """Edges of visible posts, and the counts of responses, as they follow from what is shown."""
    owners = {row.key: row.post_id for row in session.scalars(select(IdentityTable))}
    visible = {post.id: post for post in posts.values() if post.visible}
    expected: set[Edge] = set()
    for post in visible.values():
        sighting = shown[post.shown_source_id or "", post.shown_entry_key or ""]
        answered = owners.get(sighting.reply_key or "")
        if answered not in (None, post.id):
            expected.add((post.id, "reply", answered or ""))
        for link in sighting.links:
            target = owners.get(key_of_url(link))
            if target in (None, post.id, answered):
                continue
            if posts[target or ""].person_key != post.person_key:
                expected.add((post.id, "link", target or ""))
        expected |= {(post.id, "mention", key_of_url(url)) for url in sighting.mentions}
    edges = {(row.post_id, row.kind, row.target_key) for row in session.scalars(select(EdgeTable))}
    assert {edge for edge in edges if edge[0] in visible} == expected
    assert all(posts[edge[0]].merged_into is None for edge in edges)
    responding = {(target, post_id) for post_id, kind, target in expected if kind != "mention"}
    counted = Counter(target for target, _ in responding)
    for post in posts.values():
        assert post.responses == counted.get(post.id, 0)


def _announcements(posts: Mapping[str, PostTable]) -> None:
    for post in posts.values():
        target = posts.get(post.announces_id or "")
        if post.announces_id is not None:
            assert target is not None
            assert target.merged_into is None
            assert (post.kind, post.person_key) == ("status", target.person_key)
        beneath = post.kind == "comment" or (target is not None and target.visible)
        assert post.listed == (post.visible and not beneath)


def _log(session: Session, posts: Mapping[str, PostTable]) -> None:
    """Replayed, the log ends in what is visible; it has neither gaps nor doubles."""
    rows: list[Any] = list(session.scalars(select(ChangeTable).order_by(ChangeTable.revision)))
    assert [row.revision for row in rows] == list(range(1, len(rows) + 1))
    assert session.scalar(select(func.max(CourseTable.revision))) == len(rows)
    there: set[str] = set()
    for row in rows:
        assert (row.post_id in there) == (row.change != "post")
        (there.discard if row.change == "withdraw" else there.add)(row.post_id)
        assert posts[row.post_id].revision >= row.revision
    assert there == {post.id for post in posts.values() if post.visible}
