"""Handlers of the writer: claims, answers, outcomes. Each checks first that its lease holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from collectors.contract import RESTS
from collectors.outcomes import MOVES, Outcome
from collectors.websub import Offer
from models.domain.source import Derived
from models.store import coverage, intake, leases, push, schedule, sources
from models.store.leases import Claim
from models.store.sources import SourceRow
from models.store.touched import Counts


class LeaseLost(Exception):
    """The host was taken over by another collector: what was fetched is discarded."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hosts to claim."""

    now: datetime
    slots: int
    due_by: datetime
    course: str | None = None
    source: str | None = None
    among: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased host and its due sources."""

    claim: Claim
    sources: Sequence[SourceRow]


def claim(session: Session, wanted: Sequence[Wanted]) -> list[list[Claimed]]:
    """Leases hosts, and reads their due sources."""
    return [_claim(session, item) for item in wanted]


def _claim(session: Session, wanted: Wanted) -> list[Claimed]:
    claims = leases.claim(
        session, wanted.now, slots=wanted.slots, due_by=wanted.due_by, among=wanted.among
    )
    if not claims:
        return []
    due = schedule.due(
        session,
        [host for host, _ in claims],
        wanted.due_by,
        course=wanted.course,
        source=wanted.source,
    )
    by_host: dict[str, list[SourceRow]] = {host: [] for host, _ in claims}
    for source in due:
        by_host[source.host].append(source)
    return [Claimed(claim, by_host[claim[0]]) for claim in claims]


def renew(session: Session, items: Sequence[tuple[Collection[Claim], datetime]]) -> list[None]:
    """Lengthens leases."""
    for claims, now in items:
        leases.renew(session, claims, now)
    return [None] * len(items)


def take(session: Session, items: Sequence[tuple[str, datetime]]) -> list[str | None]:
    """Leases single hosts that a request leads to; None where another has them."""
    return [leases.take(session, host, now) for host, now in items]


def release(session: Session, claims: Sequence[Claim]) -> list[None]:
    """Ends leases."""
    leases.release(session, claims)
    return [None] * len(claims)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer of push, with what a subscription to it would begin with."""

    offer: Offer
    callback: str
    secret: str
    """Sealed."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a run over a source, with the last answer's entries, if there were any."""

    claim: Claim
    outcome: Outcome
    answer: intake.Answer | None
    before: Counts
    """What earlier answers of the same run brought."""
    next_host: str
    """Where the next request goes."""
    invitation: Invitation | None = None
    """Where the answer says that its news can be had by push, and hubs can reach us."""
    derived: Collection[Derived] = ()


@dataclass(frozen=True, slots=True)
class Paged:
    """An answer that is followed by another of the same run."""

    claim: Claim
    source: SourceRow
    answer: intake.Answer | None
    values: Mapping[str, Any]
    now: datetime
    derived: Collection[Derived] = ()


def page(session: Session, items: Sequence[Paged]) -> list[Counts]:
    """Stores answers within a run: entries and cursor. Raises `LeaseLost`."""
    _require(session, [item.claim for item in items])
    counts = take_in(session, [(item.source, item.answer, item.now) for item in items])
    for item in items:
        sources.change(session, item.source, item.values)
        sources.derive(session, item.source, item.derived, item.now)
    return counts


def take_in(
    session: Session, answers: Sequence[tuple[SourceRow, intake.Answer | None, datetime]]
) -> list[Counts]:
    """Stores answers course by course; one result for each.

    Courses are locked in one order, so that two collectors never wait for each other.
    """
    counts = [Counts()] * len(answers)
    by_course: dict[int, list[int]] = {}
    for at, (_, answer, _) in enumerate(answers):
        if answer is not None:
            by_course.setdefault(answer.course_id, []).append(at)
    for _, places in sorted(by_course.items()):
        together = [answer for at in places if (answer := answers[at][1]) is not None]
        now = max(answers[at][2] for at in places)
        found = intake.take_in_all(session, together, now)
        for at, answer, count in zip(places, together, found, strict=True):
            counts[at] = count
            coverage.observe(session, answers[at][0], answer, now)
    return counts


def finish(session: Session, items: Sequence[Finished]) -> list[Counts]:
    """Stores outcomes of runs. Raises `LeaseLost`."""
    _require(session, [item.claim for item in items])
    brought = take_in(
        session, [(item.outcome.source, item.answer, item.outcome.at) for item in items]
    )
    counts = [item.before + count for item, count in zip(items, brought, strict=True)]
    records = [_record(item, count) for item, count in zip(items, counts, strict=True)]
    schedule.record(session, records)
    for item in items:
        _follow_up(session, item)
    return counts


def _require(session: Session, claims: Sequence[Claim]) -> None:
    if lost := set(claims) - leases.held(session, claims):
        raise LeaseLost(", ".join(sorted(host for host, _ in lost)))


def _record(item: Finished, counts: Counts) -> schedule.FetchRecord:
    outcome = item.outcome
    values = dict(outcome.values)
    if counts.new:
        values["last_new_at"] = outcome.at
        if outcome.source.pushed_until is not None:
            values["pushed_until"] = None  # what should have come by itself had to be fetched
    return schedule.FetchRecord(
        course_id=outcome.source.course_id,
        source_id=outcome.source.id,
        at=outcome.at,
        outcome=outcome.outcome,
        status=outcome.status,
        milliseconds=round(outcome.seconds * 1000),
        bytes=outcome.size,
        values=values,
        new=counts.new,
        changed=counts.changed,
        withdrawn=counts.withdrawn,
        error=outcome.error.code if outcome.error else None,
    )


def _follow_up(session: Session, item: Finished) -> None:
    """What only some outcomes bring: another host, another address, a new name, a pause."""
    outcome, source = item.outcome, item.outcome.source
    if item.next_host != source.host:
        _rehost(session, source, item.next_host)
    sources.derive(session, source, item.derived, outcome.at)
    if outcome.values.get("moves_seen", 0) >= MOVES:
        sources.move(session, source, outcome.values["moving_to"], outcome.at)
    if outcome.values.get("title", source.title) != source.title:
        sources.touch_course(session, source.course_id, outcome.at)
    if item.invitation is not None:
        _invited(session, source, item.invitation, outcome.at)
    if outcome.error and outcome.error.retry_after and outcome.error.code != RESTS:
        wait = timedelta(seconds=min(outcome.error.retry_after, leases.LONGEST_REST))
        leases.wait_until(session, item.claim[0], outcome.at + wait)


def _invited(session: Session, source: SourceRow, invitation: Invitation, now: datetime) -> None:
    push.offered(
        session,
        source,
        hub=invitation.offer.hub,
        topic=invitation.offer.topic,
        callback=invitation.callback,
        secret=invitation.secret,
        now=now,
    )


def _rehost(session: Session, source: SourceRow, host: str) -> None:
    leases.ensure_host(session, host)
    sources.change(session, source, {"host": host})
    leases.reschedule(session, [host])
