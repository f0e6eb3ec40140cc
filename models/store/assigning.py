"""Which post each sighting belongs to: known before, named by an identity key, or new."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.clusters import IDENTICAL, Tie
from models.domain.decide import Known
from models.domain.identity import person_key
from models.domain.post import Post, Unmatched
from models.store.among import among
from models.store.ids import new_post_id
from models.store.touched import Person, Sighted, SightingId, Touched
from models.tables.people import AccountTable
from models.tables.posts import IdentityTable


@dataclass(frozen=True, slots=True)
class SortedOut:
    """An answer's entries by what becomes of them."""

    source_id: str
    participant_id: str | None
    held: bool
    known: Mapping[SightingId, Known]
    posts: Sequence[Post]
    """New or changed."""
    taken_back: Mapping[str, str]
    """Entry key -> why."""
    noted: Sequence[Unmatched]
    recounted: Sequence[tuple[Post, Known]]
    """The same as before but for their counts."""


@dataclass(frozen=True, slots=True)
class _Owner:
    """What an identity key names."""

    post_id: str
    own_id: str


def assign(
    session: Session, course_id: int, sorted_out: Sequence[SortedOut]
) -> tuple[dict[str, Touched], list[Tie]]:
    """The touched posts, and which of their parts turned out to be one by a sighting's keys."""
    wanted = {key for found in sorted_out for post in found.posts for key in post.identity_keys}
    owners = _owners(session, course_id, wanted)
    participants = _participants(session, course_id, sorted_out)
    touched: dict[str, Touched] = {}
    ties: list[Tie] = []
    for found in sorted_out:
        for post in found.posts:
            person = _person(post, found.participant_id or participants.get(post.author.key))
            ties += _assign(touched, owners, found, post, person)
        for entry_key, why in found.taken_back.items():
            _take_back(touched, (found.source_id, entry_key), found.known, why)
    return touched, ties


def _assign(
    touched: dict[str, Touched],
    owners: dict[str, _Owner],
    found: SortedOut,
    post: Post,
    person: Person,
) -> Iterable[Tie]:
    key = found.source_id, post.entry_key
    named = [owners[identity] for identity in post.identity_keys if identity in owners]
    owner = _owner_before(found.known.get(key)) or next(iter(named), None)
    is_new = owner is None
    if owner is None:
        new_id = new_post_id()
        owner = _Owner(new_id, new_id)
    entry = touched.setdefault(owner.post_id, Touched(owner.post_id, is_new=is_new))
    # Whoever sends in a post may name any author: it is nobody's copy until a person approved it.
    kept = replace(post, text_length=0) if found.held else post
    entry.posts[key] = Sighted(kept, owner.own_id, person)
    entry.held = entry.held or found.held
    if not found.held and _is_joining(found.known.get(key)):
        entry.vouched = True
    for identity in post.identity_keys:
        if identity not in owners:
            owners[identity] = owner
            entry.identity_keys[identity] = owner.own_id
    others = dict.fromkeys(each.own_id for each in named if each.own_id != owner.own_id)
    return [Tie(owner.own_id, other, IDENTICAL, 0) for other in others]


def _is_joining(before: Known | None) -> bool:
    """Whether the sighting had no post until now."""
    return before is None or before.post_id is None


def _owner_before(before: Known | None) -> _Owner | None:
    if before is None or before.post_id is None:
        return None
    return _Owner(before.post_id, before.own_id or before.post_id)


def _take_back(
    touched: dict[str, Touched], key: SightingId, known: Mapping[SightingId, Known], why: str
) -> None:
    post_id = known[key].post_id
    assert post_id is not None  # only live sightings are taken back, and those have a post
    touched.setdefault(post_id, Touched(post_id, is_new=False)).taken_back[key] = why


def _owners(session: Session, course_id: int, keys: Collection[str]) -> dict[str, _Owner]:
    query = select(IdentityTable.key, IdentityTable.post_id, IdentityTable.own_id).where(
        IdentityTable.course_id == course_id, among(session, IdentityTable.key, keys)
    )
    if not keys:
        return {}
    return {row.key: _Owner(row.post_id, row.own_id) for row in session.execute(query)}


def _person(post: Post, participant_id: str | None) -> Person:
    if participant_id is None:
        return Person(None, person_key(post.author.key))
    return Person(participant_id, participant_key(participant_id))


def participant_key(participant_id: str) -> str:
    """The person key of a participant, whichever account they wrote from."""
    return person_key(f"participant\x00{participant_id}")


def _participants(
    session: Session, course_id: int, sorted_out: Sequence[SortedOut]
) -> Mapping[str, str]:
    """Author key -> participant id, of the authors who write from a participant's account."""
    keys = {
        person_key(post.author.key): post.author.key for found in sorted_out for post in found.posts
    }
    query = select(AccountTable.key, AccountTable.participant_id).where(
        AccountTable.course_id == course_id, among(session, AccountTable.key, keys)
    )
    if not keys:
        return {}
    return {keys[row.key]: row.participant_id for row in session.execute(query)}
