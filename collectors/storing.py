"""Handlers of the writer: claims, answers, outcomes. Each checks first that its lease holds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from collectors.outcomes import MOVES, Outcome, Rest
from collectors.websub import Offer
from models.domain.backfill import Walk
from models.domain.links import host_key
from models.domain.source import Derived, Errands, Rule
from models.store import backfills, checks, coverage, intake, leases, push, schedule, sources
from models.store.leases import Claim
from models.store.sources import SourceRow
from models.store.touched import Counts


class Discarded(Exception):
    """What was fetched is of no use any more."""


class LeaseLost(Discarded):
    """The host was taken over by another collector meanwhile."""


class SourceStopped(Discarded):
    """The source was paused or removed meanwhile."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A try to lease one host: its token, or why there is none."""

    token: str | None
    rests: bool = False
    """Whether the host asked to be left alone, so that waiting for it is no use."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hosts to claim."""

    now: datetime
    slots: int
    due_by: datetime
    course: str | None = None
    source: str | None = None
    hosts: Collection[str] | None = None


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
        session, wanted.now, slots=wanted.slots, due_by=wanted.due_by, hosts=wanted.hosts
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


def renew(
    session: Session, items: Sequence[tuple[Collection[Claim], datetime]]
) -> list[set[Claim]]:
    """Lengthens leases; says which still hold."""
    return [leases.renew(session, claims, now) for claims, now in items]


def take(session: Session, items: Sequence[tuple[str, datetime]]) -> list[Taken]:
    """Leases single hosts that a request leads to."""
    return [_take(session, host, now) for host, now in items]


def _take(session: Session, host: str, now: datetime) -> Taken:
    token = leases.take(session, host, now)
    rests = token is None and leases.rests_until(session, host, now) is not None
    return Taken(token, rests)


def release(session: Session, claims: Sequence[Claim]) -> list[None]:
    """Ends leases."""
    leases.release(session, claims)
    return [None] * len(claims)


def errands(session: Session, items: Sequence[tuple[SourceRow, datetime, bool]]) -> list[Errands]:
    """What sources are to be asked for beside what is new; with True, whether due or not."""
    return [checks.errands(session, source, now, every=every) for source, now, every in items]


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer of push, with what a subscription to it would begin with."""

    offer: Offer
    callback: str
    secret: str
    """Sealed."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A run that was put off: it needs a host that another collector talks to, or that rests."""

    claim: Claim
    source: SourceRow
    host: str


def park(session: Session, items: Sequence[Parked]) -> list[None]:
    """Lets sources wait for the hosts they need. They stay due. Raises `Discarded`."""
    _require(session, [(item.claim, item.source) for item in items])
    for item in items:
        _rehost(session, item.source, item.host)
    return [None] * len(items)


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
    asked: str
    """The address of the last request, before redirects."""
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
    """Stores answers within a run: entries and cursor. Raises `Discarded`."""
    _require(session, [(item.claim, item.source) for item in items])
    counts = take_in(session, [(item.source, item.answer, item.now) for item in items])
    for item in items:
        sources.change(session, item.source, item.values)
        sources.derive(session, item.source, item.derived, item.now)
    return counts


@dataclass(frozen=True, slots=True)
class OlderPage:
    """A page of older entries, and where the walk stands after it."""

    claim: Claim
    source: SourceRow
    rule: Rule
    answer: intake.Answer
    derived: Collection[Derived]
    walk: Walk
    now: datetime
    rest: Rest | None = None
    """Where its host wants no further request for a while."""


def older(session: Session, items: Sequence[OlderPage]) -> list[Counts]:
    """Stores pages of older entries, each with the place of the next. Raises `Discarded`."""
    _require(session, [(item.claim, item.source) for item in items])
    counts = take_in(session, [(item.source, item.answer, item.now) for item in items], timed=False)
    for item, count in zip(items, counts, strict=True):
        walk = replace(item.walk, new=item.walk.new + count.new)
        backfills.put(session, item.source, item.rule, walk, item.now)
        backfills.reach(session, item.source, item.rule, walk.since)
        sources.derive(session, item.source, item.derived, item.now)
    rest(session, [(item.rest, item.now) for item in items if item.rest is not None])
    return counts


def rest(session: Session, items: Sequence[tuple[Rest, datetime]]) -> list[None]:
    """Leaves hosts alone for as long as they want."""
    for wanted, now in items:
        wait = timedelta(seconds=min(wanted.seconds, leases.LONGEST_REST))
        leases.wait_until(session, wanted.host, now + wait)
    return [None] * len(items)


def take_in(
    session: Session,
    answers: Sequence[tuple[SourceRow, intake.Answer | None, datetime]],
    *,
    timed: bool = True,
) -> list[Counts]:
    """Stores answers course by course; one result for each. `timed`: what is new arrived as soon
    as it could.

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
            if timed:
                coverage.observe(session, answers[at][0], answer, now)
    return counts


def finish(session: Session, items: Sequence[Finished]) -> list[Counts]:
    """Stores outcomes of runs. Raises `Discarded`."""
    _require(session, [(item.claim, item.outcome.source) for item in items])
    brought = take_in(
        session, [(item.outcome.source, item.answer, item.outcome.at) for item in items]
    )
    counts = [item.before + count for item, count in zip(items, brought, strict=True)]
    records = [_record(item, count) for item, count in zip(items, counts, strict=True)]
    schedule.record(session, records)
    for item in items:
        _follow_up(session, item)
    _touch_renamed(session, items)
    return counts


def _touch_renamed(session: Session, items: Sequence[Finished]) -> None:
    """A source's title stands on the course's pages."""
    renamed: dict[int, datetime] = {}
    for item in items:
        outcome = item.outcome
        if outcome.values.get("title", outcome.source.title) != outcome.source.title:
            renamed[outcome.source.course_id] = outcome.at
    for course_id, at in renamed.items():
        sources.touch_course(session, course_id, at)


def put_off(session: Session, items: Sequence[Finished]) -> list[None]:
    """Stores nothing of outcomes but when their sources are due next. Raises `Discarded`."""
    _require(session, [(item.claim, item.outcome.source) for item in items])
    for item in items:
        due_at = item.outcome.values["due_at"]
        sources.change(session, item.outcome.source, {"due_at": due_at})
    return [None] * len(items)


def _require(session: Session, runs: Sequence[tuple[Claim, SourceRow]]) -> None:
    claims = {claim for claim, _ in runs}
    if lost := claims - leases.held(session, claims):
        raise LeaseLost(", ".join(sorted(host for host, _ in lost)))
    wanted = {(source.course_id, source.id) for _, source in runs}
    if stopped := wanted - sources.active(session, wanted):
        raise SourceStopped(", ".join(sorted(source_id for _, source_id in stopped)))


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
    """What only some outcomes bring: another host, another address, a pause."""
    outcome, source = item.outcome, item.outcome.source
    if item.next_host != source.host:
        _rehost(session, source, item.next_host)
    if "state" in outcome.values:
        push.over(session, source, outcome.at)
    sources.derive(session, source, item.derived, outcome.at)
    if outcome.values.get("moves_seen", 0) >= MOVES:
        _move(session, item)
    if item.invitation is not None:
        _invited(session, source, item.invitation, outcome.at)
    if outcome.rest is not None:
        rest(session, [(outcome.rest, outcome.at)])


def _move(session: Session, item: Finished) -> None:
    """Takes over the address that was asked: the source's own, or one its collector had found."""
    source, new = item.outcome.source, item.outcome.values["moving_to"]
    if item.asked == source.url:
        sources.move(session, source, new, item.outcome.at)
        return
    cursor = item.outcome.values.get("cursor", source.cursor)
    moved = {key: new if value == item.asked else value for key, value in cursor.items()}
    if moved != cursor:
        sources.change(session, source, {"cursor": moved, "moving_to": None, "moves_seen": 0})
        _rehost(session, source, host_key(new))


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
