"""The way of one source: ask -> fetch -> parse and normalise in a worker -> decide and store.

No transaction is open while a request or a parse is under way; each answer is written in one.
"""

import logging
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b

from sqlalchemy.exc import InterfaceError, OperationalError

from collectors import outcomes, storing, websub
from collectors.contexts import CourseContext
from collectors.contract import Ask, CollectError, Collector
from collectors.headers import NO_VALIDATORS, Validators
from collectors.hosts import Hosts
from collectors.http import Fetched, Fetcher
from collectors.outcomes import Outcome
from collectors.parsing import ParserPool
from collectors.reading import Reading, read
from collectors.registry import collector
from collectors.storing import Finished, Invitation, LeaseLost, Paged
from collectors.vault import Vault
from collectors.writer import Writer
from models.domain.links import host_key
from models.domain.source import SourceSpec
from models.store import sources
from models.store.ids import new_token
from models.store.intake import Answer
from models.store.leases import Claim
from models.store.sources import SourceRow
from models.store.touched import Counts

MOST_ASKS = 60
"""Requests of one run over one source: 2,000 statuses are 50 pages."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one source."""

    source: SourceRow
    outcome: str
    """`fetched`, `unchanged` or `failed`."""
    counts: Counts
    error: CollectError | None


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over one source."""

    source: SourceRow
    claim: Claim
    kind: Collector
    rule_digest: str
    now: datetime

    @property
    def same_rule(self) -> bool:
        return self.rule_digest == self.source.rule_digest

    @property
    def validators(self) -> Validators:
        """None where the rule has changed: everything is read anew then."""
        if not self.same_rule:
            return NO_VALIDATORS
        return Validators(self.source.etag, self.source.last_modified)


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
    ) -> None:
        self._vault = vault
        self._takes_push = takes_push
        self._fetcher = fetcher
        self._parsers = parsers
        self._writer = writer
        self._hosts = hosts
        self._clock = clock

    async def collect(self, source: SourceRow, claim: Claim, context: CourseContext) -> Done | None:
        """Fetches and stores one source; its failure is an outcome, stored like any other.

        None where the lease was lost meanwhile: whoever has it now does the work. Raises
        `OperationalError` where the database is away; the source then stays due.
        """
        try:
            return await self._collect(source, claim, context)
        except LeaseLost:
            log.warning("source %s: its host was taken over, the answer is discarded", source.id)
            return None

    async def _collect(self, source: SourceRow, claim: Claim, context: CourseContext) -> Done:
        kind = collector(source.kind)
        try:
            spec = sources.spec(
                source, context.course, participant_name=context.name_of(source.participant_id)
            )
            rule = sources.rule_digest(spec.rule)
            now = self._clock()
            return await self._follow(
                _Run(source, claim, kind, rule, now), replace(spec, now=now.timestamp())
            )
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except CollectError as error:
            failure = error
        except Exception:
            log.exception("source %s: a fault of our own", source.id)
            failure = CollectError(
                "internal", "moocfeed failed on this answer", mend="The log has the details."
            )
        outcome = outcomes.failed(source, failure, bounds=kind.pace, now=self._clock())
        await self._writer.put(
            storing.finish, Finished(claim, outcome, None, Counts(), source.host)
        )
        return Done(source, outcome.outcome, Counts(), failure)

    async def _follow(self, run: _Run, spec: SourceSpec) -> Done:
        """Asks until an answer wants no further one."""
        counts = Counts()
        validators = run.validators
        token = self._vault.open(run.source.secret) if run.source.secret else None
        for _ in range(MOST_ASKS):
            ask = run.kind.ask(spec)
            fetched = await self._fetch(run, ask, validators, token)
            digest = blake2b(fetched.reply.body, digest_size=16).hexdigest()
            if _is_known(run, ask, fetched, digest):
                return await self._finish(run, spec, ask, fetched, None, digest, counts)
            reading = await self._parsers.run(read, spec, fetched.reply, run.now)
            if not reading.more:
                return await self._finish(run, spec, ask, fetched, reading, digest, counts)
            counts += await self._store_page(run, reading)
            token = reading.bearer or token
            spec = replace(spec, cursor=reading.cursor)
            validators = NO_VALIDATORS  # they were the first address's
        return await self._finish(run, spec, ask, fetched, reading, digest, counts, stored=True)

    async def _fetch(
        self, run: _Run, ask: Ask, validators: Validators, token: str | None
    ) -> Fetched:
        async with self._on(run.claim, host_key(ask.url)):
            return await self._fetcher.fetch(
                ask,
                validators=validators,
                token=token if ask.with_secret else None,
                hop=lambda host: self._on(run.claim, host),
            )

    def _on(self, claim: Claim, host: str) -> AbstractAsyncContextManager[None]:
        """Any host but the one the run has anyway is leased for as long as it is talked to."""
        return nullcontext() if host == claim[0] else self._hosts.lease(host)

    async def _store_page(self, run: _Run, reading: Reading) -> Counts:
        values = {"cursor": dict(reading.cursor)}
        return await self._writer.put(
            storing.page,
            Paged(
                run.claim,
                run.source,
                _answer(run.source, reading),
                values,
                run.now,
                reading.derived,
            ),
        )

    async def _finish(
        self,
        run: _Run,
        spec: SourceSpec,
        ask: Ask,
        fetched: Fetched,
        reading: Reading | None,
        digest: str,
        before: Counts,
        *,
        stored: bool = False,
    ) -> Done:
        cursor = spec.cursor if reading is None else reading.cursor
        following = _following(run, replace(spec, cursor=cursor))
        repeats = following.conditional and following.url in {ask.url, fetched.reply.url}
        if ask.url != run.source.url:
            fetched = replace(fetched, moved_to=None)  # what moved is not the source's own address
        outcome = self._succeeded(run, fetched, reading, digest, repeats=repeats)
        finished = Finished(
            claim=run.claim,
            outcome=outcome,
            answer=_answer(run.source, reading) if reading and not stored else None,
            before=before,
            next_host=host_key(following.url),
            derived=reading.derived if reading else (),
            invitation=self._invitation(fetched, reading),
        )
        counts = await self._writer.put(storing.finish, finished)
        return Done(run.source, outcome.outcome, counts, None)

    def _invitation(self, fetched: Fetched, reading: Reading | None) -> Invitation | None:
        if not self._takes_push or reading is None:
            return None
        found = websub.offer(fetched.reply.url, fetched.reply.headers, reading.hints)
        if found is None:
            return None
        return Invitation(found, new_token(), self._vault.seal(new_token()))

    def _succeeded(
        self,
        run: _Run,
        fetched: Fetched,
        reading: Reading | None,
        digest: str,
        *,
        repeats: bool,
    ) -> Outcome:
        """`repeats`: the next request goes to the same address, so its validators are kept."""
        return outcomes.succeeded(
            run.source,
            fetched,
            reading,
            bounds=run.kind.pace,
            body_digest=digest,
            rule_digest=run.rule_digest,
            conditional=repeats,
            now=self._clock(),
            chance=random.random(),  # noqa: S311 - jitter
        )


def _following(run: _Run, spec: SourceSpec) -> Ask:
    """The next run's first request; where there may be none, the next run says why."""
    try:
        return run.kind.ask(spec)
    except CollectError:
        return Ask(run.source.url, conditional=False)


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


def _answer(source: SourceRow, reading: Reading) -> Answer | None:
    if not (reading.entries or reading.withdrawn or reading.complete):
        return None
    return Answer(
        course_id=source.course_id,
        source_id=source.id,
        entries=reading.entries,
        withdrawn=reading.withdrawn,
        complete=reading.complete,
        participant_id=source.participant_id,
        held=bool(source.options.get("held")),
    )
