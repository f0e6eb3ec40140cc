"""Merging what turned out to be one post.

Posts are made of parts (`clusters.Part`). Each sighting and identity key keeps the part it belongs
to; which parts make a post follows from all ties between them. So a merge loses nothing, and
whatever order the sightings come in, the same posts are made of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.domain.clusters import Part, Standing, Tie, clusters, staying
from models.domain.decide import Known
from models.store import likeness, ties
from models.store.chunks import chunks
from models.store.places import parents, places
from models.store.touched import Regrouped, SightingId, Touched
from models.tables.posts import PostTable, SightingTable

_NEVER = datetime.max.replace(tzinfo=UTC)


def regroup(
    session: Session,
    course_id: int,
    touched: Mapping[str, Touched],
    known: Mapping[SightingId, Known],
    identical: Iterable[Tie],
) -> tuple[Mapping[str, Touched], Regrouped]:
    """Joins the touched sightings' parts to those they are one post with.

    Returns what is touched then, by the posts as they are then, and the parts that move.
    """
    new = [*identical, *likeness.ties(session, course_id, touched.values(), known)]
    seeds = {end for tie in new for end in (tie.one, tie.other)} | _widened(touched, known)
    return _join(session, course_id, touched, known, new, seeds)


def compare(
    session: Session, course_id: int, sightings: Collection[SightingId]
) -> tuple[Mapping[str, Touched], Regrouped]:
    """Joins the parts of sightings that are kept but were not compared when they came.

    Returns the posts that this changes, and the parts that move.
    """
    new = likeness.ties_of_kept(session, course_id, sightings)
    seeds = {end for tie in new for end in (tie.one, tie.other)}
    return _join(session, course_id, {}, {}, new, seeds)


def _join(
    session: Session,
    course_id: int,
    touched: Mapping[str, Touched],
    known: Mapping[SightingId, Known],
    new: Collection[Tie],
    seeds: Collection[str],
) -> tuple[Mapping[str, Touched], Regrouped]:
    """By new ties, and by those kept that can be reached from the seeds."""
    kept = ties.following(session, course_id, seeds) if seeds else {}
    together = ties.keep(session, course_id, new, kept)
    if not together:
        return touched, Regrouped()
    return rearrange(session, course_id, touched, known, together.values())


def _widened(touched: Mapping[str, Touched], known: Mapping[SightingId, Known]) -> set[str]:
    """Parts of known posts that stand in one more source, which may have a likeness of its own."""
    return {
        sighted.own_id
        for entry in touched.values()
        if not entry.is_new
        for key, sighted in entry.posts.items()
        if key not in known or known[key].post_id is None
    }


def rearrange(
    session: Session,
    course_id: int,
    touched: Mapping[str, Touched],
    known: Mapping[SightingId, Known],
    together: Collection[Tie],
    apart: frozenset[str] = frozenset(),
) -> tuple[Mapping[str, Touched], Regrouped]:
    """Makes posts of tied parts anew. `apart`: parts that are to be a post of their own."""
    members = _members(session, course_id, together, touched, apart)
    target = _targets(members, together)
    moving = {
        part_id: target[part_id]
        for part_id, member in members.items()
        if member.stored_in not in (None, target.get(part_id, member.stored_in))
    }
    merged = {
        part_id: None if target[part_id] == part_id else target[part_id]
        for part_id, member in members.items()
        if member.row is not None
        and part_id in target
        and (member.row.merged_into or part_id) != target[part_id]
    }
    former = {part_id: members[part_id].stored_in or part_id for part_id in moving}
    found = _rekeyed(touched, known, target, members)
    for post_id in {*moving.values(), *former.values(), *merged, *apart}:
        _entry(found, post_id, members).regrouped = True
    return found, Regrouped(moving, former, merged, apart)


@dataclass(frozen=True, slots=True)
class _Row:
    """A part's own row in `posts`: it was a post by itself once."""

    merged_into: str | None
    decided: bool
    apart: bool
    held: bool


@dataclass(slots=True)
class _Member:
    """A part, as far as regrouping needs it."""

    id: str
    row: _Row | None
    apart: bool
    stored_in: str | None = None
    """The post that its stored sightings belong to; None where all of them are new."""
    places: set[str] = field(default_factory=set)
    order: tuple[str, ...] = ()
    from_origin: bool = False
    length: int = 0
    first_seen_at: datetime = _NEVER

    def add(self, key: SightingId, places: set[str], length: int, *, from_origin: bool) -> None:
        """Takes one of its sightings into account."""
        self.places |= places
        self.order = min(self.order, key) if self.order else key
        self.length = max(self.length, length)
        self.from_origin |= from_origin

    @property
    def is_empty(self) -> bool:
        """Nothing is left of it: its sources were deleted."""
        return self.row is None and not self.order


def _members(
    session: Session,
    course_id: int,
    together: Iterable[Tie],
    touched: Mapping[str, Touched],
    apart: frozenset[str],
) -> dict[str, _Member]:
    ids = {end for tie in together for end in (tie.one, tie.other)}
    rows = _rows(session, course_id, ids)
    members = {
        part_id: _Member(part_id, rows.get(part_id), apart=part_id in apart) for part_id in ids
    }
    lead = parents(session, course_id)
    _add_stored(session, course_id, members, lead)
    for entry in touched.values():
        for key, sighted in entry.posts.items():
            if sighted.own_id in members:
                post = sighted.post
                where = places(key[0], lead, post.kind.value, post.author.key)
                members[sighted.own_id].add(
                    key, where, len(post.content_html), from_origin=post.from_origin
                )
    return members


def _rows(session: Session, course_id: int, ids: Collection[str]) -> dict[str, _Row]:
    return {
        row.id: _Row(row.merged_into, row.hidden or row.pinned, row.apart, row.held)
        for part in chunks(ids)
        for row in session.execute(
            select(
                PostTable.id,
                PostTable.merged_into,
                PostTable.hidden,
                PostTable.pinned,
                PostTable.apart,
                PostTable.held,
            ).where(
                PostTable.course_id == course_id,
                PostTable.id.in_(part),
                PostTable.erased_at.is_(None),
            )
        )
    }


def _add_stored(
    session: Session, course_id: int, members: Mapping[str, _Member], lead: Mapping[str, str]
) -> None:
    """Counts in the stored sightings: a post's id is one of its parts', so all are found by it."""
    table = SightingTable
    for part in chunks(members):
        rows = session.execute(
            select(
                table.own_id,
                table.post_id,
                table.source_id,
                table.entry_key,
                table.kind,
                table.author_key,
                table.from_origin,
                table.first_seen_at,
                func.coalesce(func.length(table.content_html), 0).label("length"),
            ).where(table.course_id == course_id, table.post_id.in_(part))
        )
        for row in rows:
            member = members[row.own_id]
            where = places(row.source_id, lead, row.kind, row.author_key or "")
            key = row.source_id, row.entry_key
            member.add(key, where, row.length, from_origin=row.from_origin)
            member.stored_in = row.post_id
            member.first_seen_at = min(member.first_seen_at, row.first_seen_at)


def _targets(members: Mapping[str, _Member], together: Iterable[Tie]) -> dict[str, str]:
    """Part -> the post it belongs to."""
    parts = {
        member.id: Part(
            member.id,
            frozenset(member.places),
            apart=member.apart or (member.row is not None and member.row.apart),
            order=member.order,
        )
        for member in members.values()
    }
    found: dict[str, str] = {}
    for cluster in clusters(parts, together):
        candidates = [members[part_id] for part_id in cluster if not members[part_id].is_empty]
        if candidates:
            kept = staying([_standing(member) for member in candidates])
            found |= dict.fromkeys(cluster, kept)
    return found


def _standing(member: _Member) -> Standing:
    row = member.row
    return Standing(
        member.id,
        stands=row is not None and row.merged_into is None and not row.held,
        decided=row is not None and row.decided,
        from_origin=member.from_origin,
        length=member.length,
        first_seen_at=member.first_seen_at,
    )


def _rekeyed(
    touched: Mapping[str, Touched],
    known: Mapping[SightingId, Known],
    target: Mapping[str, str],
    members: Mapping[str, _Member],
) -> dict[str, Touched]:
    """What is touched, by the posts that the parts belong to now."""
    found: dict[str, Touched] = {}
    for entry in touched.values():
        if entry.id not in target:
            found[entry.id] = entry
            continue
        for key, sighted in entry.posts.items():
            post_id = target.get(sighted.own_id, entry.id)
            into = _entry(found, post_id, members)
            into.posts[key] = sighted
            into.held = into.held or entry.held
            into.vouched = into.vouched or entry.vouched
        for key, why in entry.taken_back.items():
            post_id = target.get(known[key].own_id or "", entry.id)
            _entry(found, post_id, members).taken_back[key] = why
        for identity, own_id in entry.identity_keys.items():
            post_id = target.get(own_id, entry.id)
            _entry(found, post_id, members).identity_keys[identity] = own_id
    return found


def _entry(found: dict[str, Touched], post_id: str, members: Mapping[str, _Member]) -> Touched:
    return found.setdefault(
        post_id, Touched(post_id, is_new=post_id not in members or members[post_id].row is None)
    )
