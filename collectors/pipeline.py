"""The way of one source: ask -> fetch -> parse and normalise in a worker -> decide and store.

No transaction is open while a request or a parse is under way; each answer is written in one.
"""

import logging
import random
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any

from collectors import outcomes, rounds, storing
from collectors.contexts import CourseContext
from collectors.contract import Ask, CollectError, Collector, looks_after
from collectors.faults import of_our_own
from collectors.headers import NO_VALIDATORS, Validators
from collectors.heard import Answered, Heard
from collectors.hosts import HostBusy, Hosts
from collectors.http import Fetched, Fetcher
from collectors.outcomes import Outcome
from collectors.parsing import ParserPool
from collectors.permalinks import Permalinks
from collectors.reading import Reading, read
from collectors.registry import collector
from collectors.storing import Discarded, Finished, Invitation, Paged, Parked, SourceStopped
from collectors.vault import Vault
from collectors.writer import Writer
from models.domain.links import host_key
from models.domain.source import HELD, NO_ERRANDS, Derived, Errands, SourceSpec
from models.store import sources
from models.store.absence import is_away
from models.store.ids import new_token
from models.store.intake import Answer
from models.store.leases import Claim
from models.store.sources import SourceRow
from models.store.touched import Counts

MOST_ASKS = 60
"""Requests of one run over one source beside its errands: 2,000 statuses are 50 pages."""
USUAL_PACE = (600.0, 86_400.0)
"""Of a source whose kind this version does not know."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one source."""

    source: SourceRow
    outcome: str
    """`fetched`, `unchanged` or `failed`."""
    counts: Counts
    error: CollectError | None
    rests: bool = False
    """Whether its host wants no request for a while."""


@dataclass(slots=True)
class _Run:
    """One run over one source, and how far it has come."""

    source: SourceRow
    claim: Claim
    kind: Collector
    rule_digest: str
    now: datetime
    home: str
    """The host of its first request, and of the next run's if this one fails."""
    spec: SourceSpec
    """With the cursor of the next request."""
    kept: Mapping[str, Any]
    """The cursor that is stored."""
    counts: Counts = field(default_factory=Counts)
    """Of what is stored."""
    times: list[datetime] = field(default_factory=list)
    """Publication times in the answers so far."""
    derived: list[Derived] = field(default_factory=list)
    """Sources that the answers so far lead to."""
    heard: Heard = field(default_factory=Heard)
    token: str | None = None
    """The source's secret, or what the server gave for it."""

    @property
    def same_rule(self) -> bool:
        return self.rule_digest == self.source.rule_digest

    @property
    def validators(self) -> Validators:
        """None where the rule has changed: everything is read anew then."""
        if not self.same_rule:
            return NO_VALIDATORS
        return Validators(self.source.etag, self.source.last_modified)

    def following(self, cursor: Mapping[str, Any]) -> Ask:
        """What the next run asks first; where there may be nothing, that run says why.

        That run begins at another moment, so it does not go on with what this one left unfinished.
        """
        later = replace(self.spec, cursor=cursor, errands=NO_ERRANDS, now=self.spec.now + 1)
        try:
            return self.kind.ask(later)
        except CollectError:
            return Ask(self.source.url, conditional=False)


class Pipeline:
    """Takes sources through, one call each."""

    def __init__(
        self,
        fetcher: Fetcher,
        parsers: ParserPool,
        writer: Writer,
        hosts: Hosts,
        clock: Callable[[], datetime],
        vault: Vault,
        *,
        takes_push: bool,
        every: bool = False,
    ) -> None:
        """`every`: all older posts are checked, due or not."""
        self._vault = vault
        self._takes_push = takes_push
        self._every = every
        self._fetcher = fetcher
        self._permalinks = Permalinks(fetcher, writer, clock)
        self._parsers = parsers
        self._writer = writer
        self._hosts = hosts
        self._clock = clock

    async def collect(self, source: SourceRow, claim: Claim, context: CourseContext) -> Done | None:
        """Fetches and stores one source; its failure is an outcome, stored like any other.

        None where it was put off, or was stopped meanwhile. Raises `LeaseLost` where another
        collector has its host by now, and `SQLAlchemyError` where the database is away: the source
        then stays due.
        """
        try:
            return await self._collect(source, claim, context)
        except HostBusy as busy:
            await self._writer.put(storing.park, Parked(claim, source, busy.host))
        except SourceStopped:
            log.info("source %s was stopped, the answer is discarded", source.id)
        return None

    async def _collect(self, source: SourceRow, claim: Claim, context: CourseContext) -> Done:
        run: _Run | None = None
        try:
            run = self._begin(source, claim, context)
            run.spec = replace(run.spec, errands=await self._errands(run))
            return await self._follow(run)
        except (Discarded, HostBusy):
            raise
        except CollectError as error:
            failure = error
        except Exception as error:
            failure = of_our_own(error, source.id, "this answer")
        return await self._fail(source, claim, run, failure)

    def _begin(self, source: SourceRow, claim: Claim, context: CourseContext) -> _Run:
        spec = sources.spec(
            source, context.course, participant_name=context.name_of(source.participant_id)
        )
        kind, now = collector(source.kind), self._clock()
        spec = replace(spec, now=now.timestamp())
        return _Run(
            source=source,
            claim=claim,
            kind=kind,
            rule_digest=sources.rule_digest(spec.rule),
            now=now,
            home=host_key(kind.ask(spec).url),
            spec=spec,
            kept=source.cursor,
            token=self._vault.open(source.secret) if source.secret else None,
        )

    async def _errands(self, run: _Run) -> Errands:
        if not looks_after(run.kind):
            return NO_ERRANDS
        return await self._writer.put(storing.errands, (run.source, run.now, self._every))

    async def _fail(
        self, source: SourceRow, claim: Claim, run: _Run | None, failure: CollectError
    ) -> Done:
        """What earlier answers of the run brought stays."""
        bounds = run.kind.pace if run else USUAL_PACE
        counts = run.counts if run else Counts()
        finished = Finished(
            claim=claim,
            outcome=outcomes.failed(source, failure, bounds=bounds, now=self._clock()),
            answer=None,
            before=counts,
            next_host=run.home if run else source.host,
            asked=source.url,
        )
        await self._record(finished)
        return Done(source, "failed", counts, failure, _rests(finished))

    async def _record(self, failure: Finished) -> None:
        """Where not even the failure can be stored, the source is at least not due at once."""
        try:
            await self._writer.put(storing.finish, failure)
        except Discarded:
            raise
        except Exception as error:
            if is_away(error):
                raise
            log.exception("source %s: its failure cannot be stored", failure.outcome.source.id)
            await self._writer.put(storing.put_off, failure)

    async def _follow(self, run: _Run) -> Done:
        """Asks until an answer wants no further one, or the host no further request."""
        validators = run.validators
        asked = 0
        while True:
            ask = run.kind.ask(run.spec)
            fetched = await self._fetch(run, ask, validators)
            asked += 1
            digest = blake2b(fetched.reply.body, digest_size=16).hexdigest()
            if rounds.state_of(run.spec) is None:
                run.heard.note(ask, fetched, digest)
            if _is_known(run, ask, fetched, digest):
                return await self._finish(run, fetched, None)
            reading = await self._parsers.run(read, run.spec, fetched.reply, run.now)
            reading = await self._named(run, reading)
            run.heard.hear(fetched, reading)
            run.times += outcomes.publication_times(reading)
            run.derived += reading.derived
            run.token = reading.bearer or run.token
            if not reading.more or fetched.rest or asked >= MOST_ASKS + len(run.spec.errands):
                return await self._finish(run, fetched, run.heard.told(reading))
            await self._store_page(run, reading)
            validators = NO_VALIDATORS  # they were the first address's

    async def _fetch(self, run: _Run, ask: Ask, validators: Validators) -> Fetched:
        await self._hosts.require(run.claim)
        async with self._on(run.claim, host_key(ask.url)):
            return await self._fetcher.fetch(
                ask,
                validators=validators,
                token=run.token if ask.with_secret else None,
                hop=lambda host: self._on(run.claim, host),
            )

    async def _named(self, run: _Run, reading: Reading) -> Reading:
        entries = await self._permalinks.named(
            run.source, reading.entries, lambda host: self._on(run.claim, host)
        )
        return replace(reading, entries=entries)

    def _on(self, claim: Claim, host: str) -> AbstractAsyncContextManager[object]:
        """Any host but the one the run has anyway is leased for as long as it is talked to."""
        return nullcontext() if host == claim[0] else self._hosts.lease(host)

    async def _store_page(self, run: _Run, reading: Reading) -> None:
        """Goes on with the next page. Without entries there is nothing to store, not even the
        cursor: a run that fails later on begins anew where it was sure.
        """
        run.spec = replace(run.spec, cursor=reading.cursor)
        answer = _answer(run, reading)
        if answer is None:
            return
        values = {"cursor": dict(reading.cursor)}
        page = Paged(run.claim, run.source, answer, values, run.now)
        run.counts += await self._writer.put(storing.page, page)
        run.kept = reading.cursor

    async def _finish(self, run: _Run, fetched: Fetched, reading: Reading | None) -> Done:
        answer = _answer(run, reading) if reading else None
        if reading is not None and reading.more and answer is None:
            reading = replace(reading, cursor=run.kept)
        following = run.following(run.kept if reading is None else reading.cursor)
        # What was cut short has not used what its first answers led to: they are to come again.
        is_cut_short = reading is not None and reading.more
        repeated = None if is_cut_short else run.heard.repeated_by(following)
        main = repeated or run.heard.answers[-1]
        finished = Finished(
            claim=run.claim,
            outcome=self._succeeded(run, fetched, reading, main, repeats=repeated is not None),
            answer=answer,
            before=run.counts,
            next_host=host_key(following.url),
            asked=main.asked,
            derived=tuple(run.derived),
            invitation=self._invitation(run.heard),
        )
        counts = await self._writer.put(storing.finish, finished)
        return Done(run.source, finished.outcome.outcome, counts, None, _rests(finished))

    def _invitation(self, heard: Heard) -> Invitation | None:
        if not self._takes_push or heard.offer is None:
            return None
        return Invitation(heard.offer, new_token(), self._vault.seal(new_token()))

    def _succeeded(
        self,
        run: _Run,
        fetched: Fetched,
        reading: Reading | None,
        main: Answered,
        *,
        repeats: bool,
    ) -> Outcome:
        """`main`: what counts for the source, whatever checks came after it; `repeats`: the next
        request goes to its address, so its validators are kept.
        """
        return outcomes.succeeded(
            run.source,
            main.stands_for(fetched),
            reading,
            times=run.times,
            bounds=run.kind.pace,
            body_digest=main.digest,
            rule_digest=run.rule_digest,
            conditional=repeats,
            now=self._clock(),
            chance=random.random(),  # noqa: S311 - jitter
        )


def _rests(finished: Finished) -> bool:
    rest = finished.outcome.rest
    return rest is not None and rest.host == finished.claim[0]


def _is_known(run: _Run, ask: Ask, fetched: Fetched, digest: str) -> bool:
    """304, or the same bytes as last time under the same rule: nothing to read."""
    if fetched.not_modified:
        return True
    return (
        ask.conditional
        and run.same_rule
        and fetched.reply.status == 200
        and digest == run.source.body_digest
    )


def _answer(run: _Run, reading: Reading) -> Answer | None:
    source = run.source
    answer = Answer(
        course_id=source.course_id,
        source_id=source.id,
        entries=reading.entries,
        withdrawn=reading.withdrawn,
        complete=reading.complete,
        participant_id=source.participant_id,
        held=bool(source.options.get(HELD)),
        begun_at=run.now,
        checked=reading.checked,
        answered=reading.answered,
    )
    return None if answer.is_empty else answer
