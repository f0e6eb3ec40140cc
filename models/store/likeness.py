"""Looking for copies: what arrives is compared with what the same person published that week."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.orm import Session

from models.domain.clusters import Tie
from models.domain.decide import Known
from models.domain.likeness import SHORTEST, WITHIN, Text, alike, text_of
from models.store import contents
from models.store.chunks import chunks
from models.store.places import parents, places
from models.store.sightings import stated_at
from models.store.ties import stronger
from models.store.touched import SightingId, Touched
from models.tables.posts import SightingTable

MOST_COMPARED = 20
"""Posts, nearest in time, that one is compared with: nobody writes more long ones in a week."""


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A sighting that is long enough to be compared."""

    key: SightingId
    own_id: str
    person_key: str
    places: frozenset[str]
    at: datetime
    fresh: bool
    """From the answers at hand: whatever is not was compared when it came."""


def ties(
    session: Session,
    course_id: int,
    touched: Iterable[Touched],
    known: Mapping[SightingId, Known],
) -> list[Tie]:
    """Ties by likeness between the touched sightings, and to what is kept of the same people."""
    touched = list(touched)
    if all(
        sighted.post.text_length < SHORTEST for post in touched for sighted in post.posts.values()
    ):
        return []
    lead = parents(session, course_id)
    fresh = list(_fresh(touched, known, lead))
    compared = {key for post in touched for key in post.posts}
    kept = [each for each in _kept(session, course_id, fresh, lead) if each.key not in compared]
    pairs = list(_pairs([*fresh, *kept]))
    texts = _texts(session, course_id, touched, {each.key for pair in pairs for each in pair})
    return _strongest(pairs, texts)


def ties_of_kept(session: Session, course_id: int, wanted: Collection[SightingId]) -> list[Tie]:
    """Ties by likeness of sightings that are kept but were not compared when they came."""
    lead = parents(session, course_id)
    query = _LONG_ENOUGH.where(
        _TABLE.course_id == course_id, tuple_(_TABLE.source_id, _TABLE.entry_key).in_(wanted)
    )
    fresh = [_of(row, lead, fresh=True) for row in session.execute(query)]
    kept = [each for each in _kept(session, course_id, fresh, lead) if each.key not in wanted]
    pairs = list(_pairs([*fresh, *kept]))
    texts = _texts(session, course_id, (), {each.key for pair in pairs for each in pair})
    return _strongest(pairs, texts)


def _fresh(
    touched: Iterable[Touched], known: Mapping[SightingId, Known], lead: Mapping[str, str]
) -> Iterator[_Sighting]:
    for entry in touched:
        for key, sighted in entry.posts.items():
            post = sighted.post
            if post.text_length >= SHORTEST:
                yield _Sighting(
                    key,
                    sighted.own_id,
                    sighted.person.key,
                    frozenset(places(key[0], lead, post.kind.value, post.author.key)),
                    stated_at(sighted, known.get(key)),
                    fresh=True,
                )


def _kept(
    session: Session, course_id: int, fresh: Sequence[_Sighting], lead: Mapping[str, str]
) -> Iterator[_Sighting]:
    """What the same people published within a week of the fresh ones."""
    for part in chunks({each.person_key for each in fresh}):
        times = [each.at for each in fresh if each.person_key in part]
        query = _LONG_ENOUGH.where(
            _TABLE.course_id == course_id,
            _TABLE.person_key.in_(part),
            _TABLE.stated_at.between(min(times) - WITHIN, max(times) + WITHIN),
        )
        for row in session.execute(query):
            yield _of(row, lead, fresh=False)


_TABLE = SightingTable
_LONG_ENOUGH = select(
    _TABLE.source_id,
    _TABLE.entry_key,
    _TABLE.own_id,
    _TABLE.person_key,
    _TABLE.kind,
    _TABLE.author_key,
    _TABLE.stated_at,
).where(_TABLE.text_length >= SHORTEST)


def _of(row: Row[*tuple[Any, ...]], lead: Mapping[str, str], *, fresh: bool) -> _Sighting:
    assert row.own_id is not None  # no entry that is not the course's is that long
    return _Sighting(
        (row.source_id, row.entry_key),
        row.own_id,
        row.person_key,
        frozenset(places(row.source_id, lead, row.kind, row.author_key or "")),
        row.stated_at,
        fresh=fresh,
    )


Pair = tuple[_Sighting, _Sighting]


def _pairs(sightings: Iterable[_Sighting]) -> Iterator[Pair]:
    """Those to be compared: of one person, at different places, within a week, one of them new."""
    ordered = sorted(sightings, key=lambda each: (each.person_key, each.at, each.key))
    for _, group in groupby(ordered, key=lambda each: each.person_key):
        by_place: dict[frozenset[str], list[_Sighting]] = {}
        for each in group:
            by_place.setdefault(each.places, []).append(each)
        fresh = [each for theirs in by_place.values() for each in theirs if each.fresh]
        seen: set[frozenset[SightingId]] = set()
        for one in fresh:
            for other in _nearest(one, by_place):
                if (pair := frozenset((one.key, other.key))) not in seen:
                    seen.add(pair)
                    yield one, other


def _nearest(
    one: _Sighting, by_place: Mapping[frozenset[str], Sequence[_Sighting]]
) -> list[_Sighting]:
    """What stands elsewhere and was published within a week of it, the nearest first."""
    found = [
        other
        for places, theirs in by_place.items()
        if places.isdisjoint(one.places)
        for other in _around(theirs, one.at)
        if other.own_id != one.own_id
    ]
    found.sort(key=lambda other: (abs(other.at - one.at), other.key))
    return found[:MOST_COMPARED]


def _around(theirs: Sequence[_Sighting], at: datetime) -> Sequence[_Sighting]:
    """Of sightings in order of time the few before and after a moment."""
    middle = bisect_left(theirs, at, key=lambda each: each.at)
    near = theirs[max(middle - MOST_COMPARED, 0) : middle + MOST_COMPARED]
    return [each for each in near if abs(each.at - at) <= WITHIN]


def _texts(
    session: Session, course_id: int, touched: Iterable[Touched], wanted: Collection[SightingId]
) -> dict[SightingId, Text]:
    found = {
        key: text_of(sighted.post.kind, sighted.post.title, sighted.post.content_html)
        for entry in touched
        for key, sighted in entry.posts.items()
        if key in wanted
    }
    missing = {key for key in wanted if key not in found}
    kept = contents.read(session, course_id, missing) if missing else {}
    return found | {
        key: text_of(content.kind, content.title, content.content_html)
        for key, content in kept.items()
    }


def _strongest(pairs: Iterable[Pair], texts: Mapping[SightingId, Text]) -> list[Tie]:
    """One tie for two parts, by those of their sightings that are most alike."""
    found: dict[tuple[str, str], Tie] = {}
    for one, other in pairs:
        gap = other.at - one.at
        if score := alike(texts[one.key], texts[other.key], gap):
            ends = min(one.own_id, other.own_id), max(one.own_id, other.own_id)
            tie = Tie(*ends, score, round(abs(gap).total_seconds()))
            found[ends] = stronger(found.get(ends), tie)
    return list(found.values())
