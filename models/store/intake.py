"""Taking in what an answer held: the one place where posts come about, change and vanish.

Everything happens under the course row's lock, in one transaction: known digests are read after
the lock, so that two collectors never both decide NEW, and a reader never sees revision N+1
before N.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.domain.course import Consent, Moderation
from models.domain.decide import Decision, Known, SightingState, decide
from models.domain.post import Entry, Post, Unmatched
from models.store import sightings
from models.store.chunks import chunks
from models.store.ids import new_post_id
from models.store.projection import project
from models.store.touched import Counts, LockedCourse, Touched
from models.tables.courses import CourseTable
from models.tables.posts import IdentityTable, PostTable, SightingTable


@dataclass(frozen=True, slots=True)
class Answer:
    """What one fetch brought for one source."""

    course_id: int
    source_id: str
    entries: Sequence[Entry]
    withdrawn: Collection[str] = ()
    """Entry keys that the source says it deleted."""
    complete: bool = False
    """Whatever the source does not list any longer is gone (RFC 5005)."""
    participant_id: str | None = None


def lock_course(session: Session, course_id: int) -> LockedCourse:
    """Locks against other intakes of this course; readers and foreign keys go on."""
    row = session.execute(
        select(
            CourseTable.id,
            CourseTable.revision,
            CourseTable.posts_numbered,
            CourseTable.language,
            CourseTable.consent,
            CourseTable.moderation,
        )
        .where(CourseTable.id == course_id)
        .with_for_update(key_share=True)
    ).one()
    return LockedCourse(
        row.id,
        row.revision,
        row.posts_numbered,
        row.language,
        Consent(row.consent),
        Moderation(row.moderation),
    )


def take_in(session: Session, answer: Answer, now: datetime) -> Counts:
    """Stores an answer's entries. Equal answers taken in twice change nothing the second time."""
    course = lock_course(session, answer.course_id)
    known = _known(session, answer)
    by_decision: dict[Decision, list[Entry]] = {decision: [] for decision in Decision}
    for entry in answer.entries:
        by_decision[decide(entry, known.get(entry.entry_key))].append(entry)
    posts = [*by_decision[Decision.NEW], *by_decision[Decision.CHANGED]]
    dropped, noted = by_decision[Decision.WITHDRAWN], by_decision[Decision.NOTED]
    retired = _retired(answer, known)
    sightings.note(session, answer.course_id, answer.source_id, _unmatched(noted), known, now)
    if not (posts or dropped or retired):
        return Counts()
    touched = _assign(session, answer, [p for p in posts if isinstance(p, Post)], known)
    for key in [*(entry.entry_key for entry in dropped), *retired]:
        _take_back(touched, answer.source_id, key, known[key])
    return project(session, course, touched, known_rows(answer.source_id, known), now)


def _unmatched(entries: Sequence[Entry]) -> list[Unmatched]:
    return [entry for entry in entries if isinstance(entry, Unmatched)]


def known_rows(source_id: str, known: dict[str, Known]) -> dict[tuple[str, str], Known]:
    """The same under (source, entry key), as sightings of several sources are kept apart."""
    return {(source_id, key): value for key, value in known.items()}


def _known(session: Session, answer: Answer) -> dict[str, Known]:
    wanted = {entry.entry_key for entry in answer.entries} | set(answer.withdrawn)
    query = select(
        SightingTable.entry_key,
        SightingTable.state,
        SightingTable.digest,
        SightingTable.post_id,
        SightingTable.stated_at,
        SightingTable.first_seen_at,
        SightingTable.reason,
    ).where(
        SightingTable.course_id == answer.course_id, SightingTable.source_id == answer.source_id
    )
    parts = (
        [query]
        if answer.complete
        else [query.where(SightingTable.entry_key.in_(part)) for part in chunks(wanted)]
    )
    return {
        row.entry_key: Known(
            SightingState(row.state),
            row.digest,
            row.post_id,
            row.stated_at,
            row.first_seen_at,
            row.reason,
        )
        for part in parts
        for row in session.execute(part)
    }


def _retired(answer: Answer, known: dict[str, Known]) -> list[str]:
    """Entry keys of live sightings that the source took back without listing them."""
    gone = set(answer.withdrawn)
    if answer.complete:
        gone |= known.keys() - {entry.entry_key for entry in answer.entries}
    # A tombstone beside the entry itself, or its change into an unmatched one, is decided there.
    gone -= {entry.entry_key for entry in answer.entries}
    return sorted(key for key in gone if key in known and known[key].state is SightingState.LIVE)


def _assign(
    session: Session, answer: Answer, posts: Sequence[Post], known: dict[str, Known]
) -> dict[str, Touched]:
    """Which post each sighting belongs to: known before, named by an identity key, or new."""
    owners = identities(
        session, answer.course_id, {key for post in posts for key in post.identity_keys}
    )
    touched: dict[str, Touched] = {}
    for post in posts:
        before = known.get(post.entry_key)
        post_id = (before.post_id if before else None) or next(
            (owners[key] for key in post.identity_keys if key in owners), None
        )
        is_new = post_id is None
        post_id = post_id or new_post_id()
        entry = touched.setdefault(post_id, Touched(post_id, is_new=is_new))
        entry.posts[answer.source_id, post.entry_key] = post
        entry.participant_id = entry.participant_id or answer.participant_id
        for key in post.identity_keys:
            if key not in owners:
                owners[key] = post_id
                entry.identity_keys.append(key)
    return touched


def _take_back(touched: dict[str, Touched], source_id: str, key: str, known: Known) -> None:
    assert known.post_id is not None  # only live sightings are taken back, and those have a post
    touched.setdefault(known.post_id, Touched(known.post_id, is_new=False)).taken_back.append(
        (source_id, key)
    )


def identities(session: Session, course_id: int, keys: Collection[str]) -> dict[str, str]:
    """Identity key -> post id, for those that are known."""
    return {
        row.key: row.post_id
        for part in chunks(keys)
        for row in session.execute(
            select(IdentityTable.key, IdentityTable.post_id).where(
                IdentityTable.course_id == course_id, IdentityTable.key.in_(part)
            )
        )
    }


def reproject(session: Session, course_id: int, now: datetime) -> Counts:
    """Places every post anew, after the course's rules for showing them have changed."""
    ids = session.scalars(select(PostTable.id).where(PostTable.course_id == course_id)).all()
    total = Counts()
    for part in chunks(ids):
        course = lock_course(session, course_id)
        touched = {post_id: Touched(post_id, is_new=False) for post_id in part}
        total += project(session, course, touched, {}, now)
    return total


def withdraw_source(session: Session, course_id: int, source_id: str, now: datetime) -> Counts:
    """Takes back everything a source brought; posts that others brought too stay."""
    rows = session.execute(
        select(SightingTable.entry_key, SightingTable.post_id).where(
            SightingTable.course_id == course_id,
            SightingTable.source_id == source_id,
            SightingTable.state == SightingState.LIVE.value,
        )
    ).all()
    course = lock_course(session, course_id)
    touched: dict[str, Touched] = {}
    for row in rows:
        entry = touched.setdefault(row.post_id, Touched(row.post_id, is_new=False))
        entry.taken_back.append((source_id, row.entry_key))
    return project(session, course, touched, {}, now) if touched else Counts()
