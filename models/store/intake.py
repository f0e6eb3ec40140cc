"""Taking in what an answer held: the one place where posts come about, change and vanish.

Everything happens under the course row's lock, in one transaction: known digests are read after
the lock, so that two collectors never both decide NEW, and a reader never sees revision N+1
before N.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from models.domain.decide import Decision, Known, SightingState, decide
from models.domain.post import Entry, Post, Unmatched
from models.store import barred, checks, merging, sightings, summaries, tombstones
from models.store.assigning import SortedOut, assign
from models.store.known import known_of_entries, known_of_sources
from models.store.locking import lock_course
from models.store.projection import project
from models.store.touched import Counts, SightingId

DELETED = "deleted"
"""Why a sighting was taken back: the source says that it deleted the entry."""
NOT_LISTED = "not-listed"
"""A complete feed (RFC 5005) lists it no longer."""
OPTED_OUT = "opted-out"
"""Its author does not want to be collected."""


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
    held: bool = False
    """What is new waits for a facilitator, whatever the course's rule."""
    begun_at: datetime | None = None
    """When the run began that asked for it; None for what a stream brought by itself."""
    deleted: Collection[str] = ()
    """Remote ids of statuses that a stream says were deleted."""
    checked: Collection[str] = ()
    """Entry keys of the posts that were looked at again."""
    answered: Collection[str] = ()
    """Entry keys of the posts whose replies were read."""
    adds_only: bool = False
    """It may be older than what is known: that stays as it is."""

    @property
    def is_empty(self) -> bool:
        return not (
            self.entries
            or self.withdrawn
            or self.complete
            or self.deleted
            or self.checked
            or self.answered
        )


def unseen(session: Session, items: Sequence[tuple[int, str, Collection[str]]]) -> list[set[str]]:
    """Of (course, source, entry keys) those keys that name no post yet."""
    return [_unseen(session, *item) for item in items]


def _unseen(session: Session, course_id: int, source_id: str, keys: Collection[str]) -> set[str]:
    known = known_of_entries(session, course_id, [(source_id, key) for key in sorted(keys)])
    return {
        key
        for key in keys
        if (before := known.get((source_id, key))) is None or before.post_id is None
    }


def take_in(session: Session, answer: Answer, now: datetime) -> Counts:
    """Stores an answer's entries. Equal answers taken in twice change nothing the second time."""
    return take_in_all(session, [answer], now)[0]


def take_in_all(session: Session, answers: Sequence[Answer], now: datetime) -> list[Counts]:
    """Stores answers of one course, of different sources, together: what changed, for each.

    Much cheaper than one after another. A post that several brought counts for the first.
    """
    course = lock_course(session, answers[0].course_id)
    answers = [_looked_after(session, answer, now) for answer in answers]
    known = _known(session, course.id, answers)
    answers = [_additions(answer, known) for answer in answers]
    living = [_without_deleted(session, answer, known, now) for answer in answers]
    allowed = _without_barred(session, living, known)
    sorted_out = [summaries.fuller(session, course, _sort_out(answer, known)) for answer in allowed]
    noted = [(found.source_id, entry) for found in sorted_out for entry in found.noted]
    sightings.note(session, course.id, noted, known, now)
    for found in sorted_out:
        sightings.recount(session, course.id, found.source_id, found.recounted)
    assigned, identical = assign(session, course.id, sorted_out)
    if not assigned:
        return [Counts()] * len(answers)
    touched, regrouped = merging.regroup(session, course.id, assigned, known, identical)
    changes = project(session, course, touched, known, now, regrouped)
    counts = {answer.source_id: Counts() for answer in answers}
    for post_id, change in changes.items():
        # A post that merely went into another is not counted: nothing was taken back.
        if (first := touched[post_id].first_source_id) is not None:
            counts[first] += Counts.of(change)
    return [counts[answer.source_id] for answer in answers]


def _looked_after(session: Session, answer: Answer, now: datetime) -> Answer:
    """Marks what was looked after, and applies what is known of deletions to the answer."""
    checks.mark(session, answer.course_id, answer.source_id, answer.checked, answer.answered, now)
    if answer.deleted:
        tombstones.set_up(session, answer.course_id, answer.source_id, answer.deleted, now)
        keys = tombstones.entry_keys(session, answer.course_id, answer.source_id, answer.deleted)
        answer = replace(answer, withdrawn={*answer.withdrawn, *keys})
    return answer


def _known(
    session: Session, course_id: int, answers: Sequence[Answer]
) -> Mapping[SightingId, Known]:
    """Of the entries that the answers list; of a complete answer's source, of all its entries."""
    whole = [answer.source_id for answer in answers if answer.complete]
    wanted = {
        (answer.source_id, entry_key)
        for answer in answers
        if not answer.complete
        for entry_key in (*(entry.entry_key for entry in answer.entries), *answer.withdrawn)
    }
    found = known_of_entries(session, course_id, sorted(wanted)) if wanted else {}
    return found | known_of_sources(session, course_id, whole) if whole else found


def _sort_out(answer: Answer, known: Mapping[SightingId, Known]) -> SortedOut:
    by_decision: dict[Decision, list[Entry]] = {decision: [] for decision in Decision}
    for entry in answer.entries:
        before = known.get((answer.source_id, entry.entry_key))
        by_decision[decide(entry, before)].append(entry)
    posts = [*by_decision[Decision.NEW], *by_decision[Decision.CHANGED]]
    dropped = {
        entry.entry_key: entry.reason
        for entry in by_decision[Decision.WITHDRAWN]
        if isinstance(entry, Unmatched)
    }
    return SortedOut(
        source_id=answer.source_id,
        participant_id=answer.participant_id,
        held=answer.held,
        known=known,
        posts=[entry for entry in posts if isinstance(entry, Post)],
        taken_back={**dropped, **_retired(answer, known)},
        noted=[entry for entry in by_decision[Decision.NOTED] if isinstance(entry, Unmatched)],
        recounted=list(_recounted(by_decision[Decision.SAME], answer.source_id, known)),
    )


def _recounted(
    same: Sequence[Entry], source_id: str, known: Mapping[SightingId, Known]
) -> Iterator[tuple[Post, Known]]:
    for entry in same:
        if isinstance(entry, Post):
            before = known[source_id, entry.entry_key]
            if (entry.boosts, entry.replies) != (before.boosts, before.replies):
                yield entry, before


def _retired(answer: Answer, known: Mapping[SightingId, Known]) -> dict[str, str]:
    """Live sightings that the source took back without listing them: entry key -> why."""
    listed = {entry.entry_key for entry in answer.entries}
    gone: dict[str, str] = {}
    if answer.complete:
        own = (key for source_id, key in known if source_id == answer.source_id)
        gone = dict.fromkeys(own, NOT_LISTED)
    gone |= dict.fromkeys(answer.withdrawn, DELETED)
    # A tombstone beside the entry itself, or its change into an unmatched one, is decided there.
    return {
        key: why
        for key, why in sorted(gone.items())
        if key not in listed and _is_live(known.get((answer.source_id, key)))
    }


def _additions(answer: Answer, known: Mapping[SightingId, Known]) -> Answer:
    """Without the entries that are shown, or were taken back by their source, where an archive
    may hold them as they once were.
    """
    if not answer.adds_only:
        return answer
    entries = [
        entry
        for entry in answer.entries
        if _is_open(known.get((answer.source_id, entry.entry_key)))
    ]
    return replace(answer, entries=entries)


def _is_open(known: Known | None) -> bool:
    """Never seen, not the course's so far, or gone only because its source was removed."""
    return known is None or known.state in {SightingState.UNMATCHED, SightingState.REMOVED}


def _is_live(known: Known | None) -> bool:
    return known is not None and known.state is SightingState.LIVE


def _fresh(answer: Answer, known: Mapping[SightingId, Known]) -> Iterator[Post]:
    """New or changed."""
    for entry in answer.entries:
        before = known.get((answer.source_id, entry.entry_key))
        if isinstance(entry, Post) and decide(entry, before) is not Decision.SAME:
            yield entry


def _without_deleted(
    session: Session, answer: Answer, known: Mapping[SightingId, Known], now: datetime
) -> Answer:
    """A copy that comes later than its deletion raises nothing."""
    dead = tombstones.among(
        session,
        answer.course_id,
        answer.source_id,
        list(_fresh(answer, known)),
        begun_at=answer.begun_at,
        now=now,
    )
    if not dead:
        return answer
    return replace(
        answer, entries=[entry for entry in answer.entries if entry.entry_key not in dead]
    )


def _without_barred(
    session: Session, answers: Sequence[Answer], known: Mapping[SightingId, Known]
) -> list[Answer]:
    """Erased posts leave no trace; those of people who opted out are noted without a word."""
    fresh = [post for answer in answers for post in _fresh(answer, known)]
    found = barred.among(session, answers[0].course_id, fresh)
    if found == barred.NOBODY:
        return list(answers)
    return [replace(answer, entries=tuple(_allowed(answer, found))) for answer in answers]


def _allowed(answer: Answer, found: barred.Barred) -> Iterator[Entry]:
    for entry in answer.entries:
        if entry.entry_key in found.opted_out:
            yield _nameless(entry)
        elif entry.entry_key not in found.erased:
            yield entry


def _nameless(entry: Entry) -> Unmatched:
    """Only the key by which the source's entries are told apart, and why nothing else is kept."""
    key = entry.entry_key
    return Unmatched(key, key, key, None, None, OPTED_OUT)
