"""Which sightings make one post, given how they are tied to each other.

A *part* is what was taken for one post when it came: sightings with common identity keys. A *tie*
says that two parts are the same post: because a sighting carried identity keys of both, or because
their texts are alike. Ties are facts that stay; which of them hold follows from all of them
together, so it does not matter in which order the sightings came.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

IDENTICAL = 2.0
"""Score of a tie by identity: above every likeness, and bound to no condition."""


@dataclass(frozen=True, slots=True)
class Tie:
    """Two parts that are the same post."""

    one: str
    other: str
    score: float
    """`IDENTICAL`, or how much the texts have in common (`likeness.SAME` to 1)."""
    gap: int
    """Seconds between the two publications."""


@dataclass(frozen=True, slots=True)
class Part:
    """What was taken for one post when it came."""

    id: str
    places: frozenset[str]
    """The sources, with those they lead to, and the accounts that it stands at. Likeness never
    joins what stands at one place: there it is two entries."""
    apart: bool = False
    """A person split it from another: nothing ties it any more."""
    order: tuple[str, ...] = ()
    """Breaks ties between ties; the same in whatever order the parts came."""


def clusters(parts: Mapping[str, Part], ties: Iterable[Tie]) -> list[frozenset[str]]:
    """The parts of each post. Ties of parts that are not given are left aside.

    Identity joins first, then likeness from the strongest, as long as no two entries of one place
    come together.
    """
    groups = {part_id: _Group(part) for part_id, part in parts.items()}
    holding = [tie for tie in ties if _may_hold(tie, parts)]
    for tie in holding:
        if tie.score >= IDENTICAL:
            _unite(groups, tie)
    likenesses = [tie for tie in holding if tie.score < IDENTICAL]
    for tie in sorted(likenesses, key=lambda tie: _strength(tie, groups)):
        if groups[tie.one].places.isdisjoint(groups[tie.other].places):
            _unite(groups, tie)
    return [frozenset(found.ids) for found in {id(each): each for each in groups.values()}.values()]


class _Group:
    """Parts that were found to be one post."""

    __slots__ = ("ids", "order", "places")

    def __init__(self, part: Part) -> None:
        self.ids = {part.id}
        self.places = set(part.places)
        self.order = part.order


def _may_hold(tie: Tie, parts: Mapping[str, Part]) -> bool:
    ends = parts.get(tie.one), parts.get(tie.other)
    return all(part is not None and not part.apart for part in ends)


def _unite(groups: dict[str, _Group], tie: Tie) -> None:
    one, other = groups[tie.one], groups[tie.other]
    if one is other:
        return
    one.ids |= other.ids
    one.places |= other.places
    one.order = min(one.order, other.order)
    groups.update(dict.fromkeys(other.ids, one))


def _strength(tie: Tie, groups: Mapping[str, _Group]) -> tuple[object, ...]:
    return (-tie.score, tie.gap, *sorted((groups[tie.one].order, groups[tie.other].order)))


@dataclass(frozen=True, slots=True)
class Standing:
    """A part as one of those of which a post's id is taken."""

    id: str
    stands: bool
    """It was a post of its own before: its address has been given out."""
    decided: bool
    """A person hid or pinned it: that must not be lost."""
    from_origin: bool
    length: int
    first_seen_at: datetime


def staying(candidates: Collection[Standing]) -> str:
    """The part whose id the post keeps.

    An id that was given out before one that was not; then one that a person decided about, the
    origin's own copy, the richer, the older.
    """
    best = min(
        candidates,
        key=lambda each: (
            not each.stands,
            not each.decided,
            not each.from_origin,
            -each.length,
            each.first_seen_at,
            each.id,
        ),
    )
    return best.id
