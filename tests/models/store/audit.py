"""Everything that is kept twice, counted or derived, made anew from the sightings and compared."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from models.domain.course import Consent
from models.domain.hashtags import match_key
from models.domain.identity import key_of_url, person_key
from models.domain.post import Kind
from models.domain.visibility import placement
from models.store.assigning import participant_key
from models.store.engine import Database
from models.store.search import SHIFT
from models.tables.base import Base, rows_of
from models.tables.courses import ChangeTable, CourseTable
from models.tables.people import ParticipantTable
from models.tables.posts import (
    EdgeTable,
    IdentityTable,
    LinkTable,
    PostTable,
    SightingTable,
    TagTable,
)
from models.tables.shares import SharedLinkTable, ShareTable


class Kept:
    """A course's rows."""

    def __init__(self, session: Session, slug: str) -> None:
        self.session = session
        self.course = session.execute(
            select(rows_of(CourseTable)).where(CourseTable.slug == slug)
        ).one()
        self.posts = {row.id: row for row in self._all(PostTable)}
        self.sightings = self._all(SightingTable)
        self.changes = sorted(self._all(ChangeTable), key=lambda row: row.revision)
        self.identities = self._all(IdentityTable)
        self.tags = self._all(TagTable)
        self.links = self._all(LinkTable)
        self.participants = self._all(ParticipantTable)
        self.shares = self._all(ShareTable)
        self.shared_links = self._all(SharedLinkTable)
        self.edges = {(row.post_id, row.kind, row.target_key) for row in self._all(EdgeTable)}
        self.searchable = sorted(self._searchable())
        seen = {(each.source_id, each.entry_key): each for each in self.sightings}
        self.shown = {
            post.id: seen[post.shown_source_id, post.shown_entry_key]
            for post in self.posts.values()
            if (post.shown_source_id, post.shown_entry_key) in seen
        }

    def _all(self, table: type[Base]) -> list[Row[Any]]:
        rows = rows_of(table)
        return list(self.session.execute(select(rows).where(rows.c.course_id == self.course.id)))

    def _searchable(self) -> Iterable[int]:
        """Numbers of the posts in the full-text index."""
        if self.session.get_bind().dialect.name == "sqlite":
            found = self.session.scalars(text("SELECT rowid FROM post_search"))
            return [row & (1 << SHIFT) - 1 for row in found if row >> SHIFT == self.course.id]
        return self.session.scalars(
            text("SELECT number FROM post_search WHERE course_id = :id"), {"id": self.course.id}
        ).all()

    @property
    def visible(self) -> dict[str, Row[Any]]:
        return {post.id: post for post in self.posts.values() if post.visible}


def audit(database: Database, slug: str = "sample") -> Kept:
    """A course's rows. Raises `AssertionError` where anything is not what it must be."""
    with database.reading() as session:
        kept = Kept(session, slug)
    _counts(kept)
    _parts(kept)
    _placements(kept)
    _copies(kept)
    _documents(kept)
    _shares(kept)
    _edges(kept)
    _announcements(kept)
    _log(kept)
    return kept


def _counts(kept: Kept) -> None:
    assert kept.course.posts_listed == sum(post.listed for post in kept.posts.values())
    theirs = Counter(post.participant_id for post in kept.posts.values() if post.listed)
    assert {row.id: row.posts for row in kept.participants} == {
        row.id: theirs[row.id] for row in kept.participants
    }
    numbers = sorted(post.number for post in kept.posts.values())
    assert numbers == sorted(set(numbers))
    assert kept.course.posts_numbered == max(numbers, default=0)
    assert kept.searchable == sorted(post.number for post in kept.visible.values())


def _parts(kept: Kept) -> None:
    """A part is never torn, and what was merged has nothing left of its own."""
    homes: dict[str, set[str]] = defaultdict(set)
    for row in [*kept.sightings, *kept.identities]:
        if row.post_id is not None:
            homes[row.own_id].add(row.post_id)
    assert all(len(found) == 1 for found in homes.values())
    for post in kept.posts.values():
        own = [sighting for sighting in kept.sightings if sighting.post_id == post.id]
        if post.merged_into is None:
            assert own or post.erased_at
        else:
            assert not own
            assert kept.posts[post.merged_into].merged_into is None
            assert (post.visible, post.listed, post.withdrawn_at) == (False, False, None)


def _placements(kept: Kept) -> None:
    for post in kept.posts.values():
        placed = placement(
            kind=Kind(post.kind),
            consent=Consent(kept.course.consent),
            participant=post.participant_id is not None,
            held=post.held,
            hidden=post.hidden,
            withdrawn=post.withdrawn_at is not None or post.merged_into is not None,
            erased=post.erased_at is not None,
        )
        assert post.visible == placed.visible
        announced = kept.posts.get(post.announces_id or "")
        beneath = announced is not None and announced.visible
        assert post.listed == (placed.listed and not beneath)


def _copies(kept: Kept) -> None:
    for sighting in kept.sightings:
        assert (sighting.post_id is None) == (sighting.state == "unmatched")
        if sighting.state == "live":
            post = kept.posts[sighting.post_id]
            assert (sighting.published_at, sighting.listed) == (post.published_at, post.listed)
        else:
            assert not sighting.listed
    for tag in kept.tags:
        post = kept.posts[tag.post_id]
        assert (tag.published_at, tag.listed) == (post.published_at, post.listed)


def _documents(kept: Kept) -> None:
    """Row, tags and links of every visible post are those of the sighting it shows."""
    tags = _grouped((row.post_id, row.tag) for row in kept.tags)
    links = _grouped((row.post_id, row.link_key) for row in kept.links)
    for post in kept.visible.values():
        sighting = kept.shown[post.id]
        assert (sighting.post_id, sighting.state) == (post.id, "live")
        for name in ("kind", "language", "reply_key"):
            assert getattr(post, name) == getattr(sighting, name)
        assert tags.get(post.id, set()) == {match_key(tag) for tag in sighting.hashtags}
        assert links.get(post.id, set()) == {key_of_url(link) for link in sighting.links}
        assert post.person_key == (
            participant_key(post.participant_id)
            if post.participant_id
            else person_key(sighting.author_key)
        )
    for post_id in tags.keys() | links.keys():
        assert kept.posts[post_id].merged_into is None


def _shares(kept: Kept) -> None:
    """Who links to what, as it follows from the links of visible posts."""
    expected = Counter(
        (row.link_key, kept.posts[row.post_id].person_key)
        for row in kept.links
        if row.post_id in kept.visible
    )
    assert {(row.link_key, row.person_key): row.posts for row in kept.shares} == expected
    people = Counter(link for link, _ in expected)
    posts = Counter(row.link_key for row in kept.links if row.post_id in kept.visible)
    assert {row.link_key: (row.people, row.posts) for row in kept.shared_links} == {
        link: (people[link], posts[link]) for link in people
    }


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return found


def _edges(kept: Kept) -> None:
    """Edges of visible posts, and the counts of responses, as they follow from what is shown."""
    owners = {row.key: row.post_id for row in kept.identities}
    expected = {edge for post_id in kept.visible for edge in _edges_of(kept, owners, post_id)}
    assert {edge for edge in kept.edges if edge[0] in kept.visible} == expected
    assert all(kept.posts[edge[0]].merged_into is None for edge in kept.edges)
    responding = {(target, post_id) for post_id, kind, target in expected if kind != "mention"}
    counted = Counter(target for target, _ in responding)
    assert {post.id: post.responses for post in kept.posts.values()} == {
        post_id: counted.get(post_id, 0) for post_id in kept.posts
    }


def _edges_of(
    kept: Kept, owners: Mapping[str, str], post_id: str
) -> Iterable[tuple[str, str, str]]:
    """From what a post answers, links and names."""
    post, sighting = kept.posts[post_id], kept.shown[post_id]
    answered = owners.get(sighting.reply_key or "")
    if answered not in (None, post_id):
        yield post_id, "reply", answered or ""
    for link in sighting.links:
        target = owners.get(key_of_url(link))
        if target is None or target in (post_id, answered):
            continue
        if kept.posts[target].person_key != post.person_key:
            yield post_id, "link", target
    for url in sighting.mentions:
        yield post_id, "mention", key_of_url(url)


def _announcements(kept: Kept) -> None:
    for post in kept.posts.values():
        if post.announces_id is not None:
            target = kept.posts[post.announces_id]
            assert target.merged_into is None
            assert (post.kind, post.person_key) == ("status", target.person_key)


def _log(kept: Kept) -> None:
    """Replayed, the log ends in what is visible; it has neither gaps nor doubles."""
    assert [row.revision for row in kept.changes] == list(range(1, kept.course.revision + 1))
    there: set[str] = set()
    last: dict[str, int] = {}
    for row in kept.changes:
        assert (row.post_id in there) == (row.change != "post")
        (there.discard if row.change == "withdraw" else there.add)(row.post_id)
        last[row.post_id] = row.revision
    assert there == kept.visible.keys()
    assert {post.id: post.revision for post in kept.posts.values() if post.revision} == last
