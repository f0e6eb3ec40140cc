"""Looking back: the older entries of a course's sources, page by page, through the same way.

A page is fetched under the leases of its hosts, so never beside a collector's run over the source,
and stored together with the place of the next one: whatever ends it, the next time goes on there.
The source's own cursor, validators and times stay as they are.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from collectors import storing
from collectors.contexts import CourseContext
from collectors.contract import NO_PAST, RESTS, Ask, CollectError, LookingBack
from collectors.faults import of_our_own
from collectors.headers import scarce_for
from collectors.hosts import HostBusy
from collectors.http import Fetched, HttpError
from collectors.lookback import LookBack, LookedBack, Outcome, Run, no_past
from collectors.outcomes import Rest
from collectors.permalinks import Permalinks
from collectors.push import Tools
from collectors.reading import Past, read_back
from collectors.registry import collector
from collectors.storing import LeaseLost, OlderPage, SourceStopped
from models.domain.backfill import Walk, advanced, resumed
from models.domain.links import host_key
from models.domain.source import HELD, Rule, SourceState
from models.store import backfills, leases, sources
from models.store.engine import Database
from models.store.intake import Answer
from models.store.leases import Claim
from models.store.sources import SourceRow

PASSING = frozenset({"connect", "timeout", "dns", "bad-body"})
"""Codes of failures that may be gone in a moment."""
REST = 300.0
"""Seconds to leave a host alone that asks for fewer requests and names no time."""
RESTS_RUNNING = 5
"""Times a page is put off by its host before it is left to the next run."""
BUSY = 60
"""Tries to get a host that another collector asks, each as patient as `Hosts` is."""
NOTICED = 2.0
"""A wait of more seconds is told."""

OUTCOMES = {
    NO_PAST: Outcome.NO_PAST,
    RESTS: Outcome.UNFINISHED,
    "host-busy": Outcome.UNFINISHED,
}
"""By the code of the error that ended a walk; others are failures."""


class _Rehosted(Exception):
    """The source is another host's by now."""


class Backfill:
    """Looks back at sources: hosts beside each other, those of a host one after another."""

    def __init__(self, database: Database, tools: Tools, plan: LookBack) -> None:
        self._database = database
        self._tools = tools
        self._plan = plan
        self._permalinks = Permalinks(tools.fetcher, tools.writer, tools.clock)
        self._slots = asyncio.Semaphore(tools.fetcher.policy.concurrency)

    async def run(self, wanted: Sequence[SourceRow]) -> list[LookedBack]:
        """What became of each, in their order.

        Raises `SQLAlchemyError` where the database is away; the next run goes on from there.
        """
        contexts = await asyncio.to_thread(self._tools.contexts.read)
        by_host: dict[str, list[SourceRow]] = {}
        for source in wanted:
            by_host.setdefault(source.host, []).append(source)
        parts = await _all(self._host(those, contexts) for those in by_host.values())
        found = {(done.source.course_id, done.source.id): done for part in parts for done in part}
        return [found[source.course_id, source.id] for source in wanted]

    async def _host(
        self, wanted: Sequence[SourceRow], contexts: Mapping[int, CourseContext]
    ) -> list[LookedBack]:
        found = []
        async with self._slots:
            for source in wanted:
                done = await self._source(source, contexts[source.course_id])
                self._plan.on_done(done)
                found.append(done)
        return found

    async def _source(self, source: SourceRow, context: CourseContext) -> LookedBack:
        kind = collector(source.kind)
        if source.state is not SourceState.ACTIVE:
            return LookedBack(source, Outcome.SKIPPED)
        if not isinstance(kind, LookingBack):
            return LookedBack(source, Outcome.NO_PAST, error=no_past(source.kind))
        run = Run(source, kind, context, self._tools.clock(), anew=self._plan.anew)
        try:
            run.secret = self._tools.vault.open(source.secret) if source.secret else None
            return await self._walk(run)
        except CollectError as error:
            return run.ended(OUTCOMES.get(error.code, Outcome.FAILED), error)
        except SourceStopped:
            return run.ended(Outcome.SKIPPED)
        except Exception as error:
            return run.ended(Outcome.FAILED, of_our_own(error, source.id, "this page"))

    async def _walk(self, run: Run) -> LookedBack:
        for _ in range(self._plan.most_pages):
            await self._wait(run, run.wait)
            run.rests, run.retries = 0, iter(self._plan.retries)
            await self._patiently(run)
            if run.walk is not None and run.walk.done:
                return run.ended(Outcome.COMPLETE)
        raise CollectError(
            RESTS, f"{run.pages} pages were read in one go, and there are more", mend=AGAIN
        )

    async def _patiently(self, run: Run) -> None:
        """A page, however often its host puts it off, within limits."""
        busy = 0
        while True:
            try:
                return await self._page(run)
            except HostBusy as error:
                busy += not await self._has_rested(run, error.host)
                if busy > BUSY:
                    raise
            except CollectError as error:
                await self._recover(run, error)
            except (LeaseLost, _Rehosted):
                await self._plan.sleep(1.0)

    async def _has_rested(self, run: Run, host: str) -> bool:
        """Waits until a host may be asked again that wants to be left alone; False where it is only
        busy.
        """
        now = self._tools.clock()
        until = await asyncio.to_thread(self._rests_until, host, now)
        if until is None:
            return False
        await self._rest(run, host, (until - now).total_seconds())
        return True

    def _rests_until(self, host: str, now: datetime) -> datetime | None:
        with self._database.reading() as session:
            return leases.rests_until(session, host, now)

    async def _recover(self, run: Run, error: CollectError) -> None:
        """Waits, if the next try may succeed; else raises the error."""
        if isinstance(error, HttpError) and (error.status == 429 or error.retry_after):
            wanted = Rest(error.host, REST if error.retry_after is None else error.retry_after)
            await self._tools.writer.put(storing.rest, (wanted, self._tools.clock()))
            await self._rest(run, wanted.host, wanted.seconds)
            return
        passing = isinstance(error, HttpError) and error.status >= 500
        wait = next(run.retries, None) if passing or error.code in PASSING else None
        if wait is None:
            raise error
        await self._wait(run, wait)

    async def _rest(self, run: Run, host: str, seconds: float) -> None:
        run.rests += 1
        if run.rests > RESTS_RUNNING or seconds > self._plan.patience:
            raise _wants_rest(host, seconds)
        await self._wait(run, seconds)

    async def _wait(self, run: Run, seconds: float) -> None:
        if seconds > self._plan.patience:
            raise _wants_rest(run.source.host, seconds)
        if seconds > NOTICED:
            self._plan.on_wait(run.source, seconds)
        await self._plan.sleep(seconds)

    async def _page(self, run: Run) -> None:
        """One page, from the lease to the store."""
        async with self._tools.hosts.lease(run.source.host) as claim:
            rule = await asyncio.to_thread(self._read_anew, run, claim)
            if run.walk is None or run.walk.done:
                return
            spec = replace(run.spec(), rule=replace(rule, since=None), past=run.walk.at)
            ask = run.kind.look_back(spec)
            fetched = await self._fetch(run, claim, ask)
            now = self._tools.clock()
            since = run.walk.since
            past = await self._tools.parsers.run(read_back, spec, fetched.reply, since, now)
            entries = await self._permalinks.named(
                run.source, past.entries, lambda host: self._on(claim, host)
            )
            past = replace(past, entries=entries)
            run.bearer = past.bearer or run.bearer
            walk = advanced(run.walk, past.page, ways=run.kind.ways(spec))
            page = _page(run, claim, rule, past, walk, fetched, now)
            counts = await self._tools.writer.put(storing.older, page)
        run.anew = False
        run.pages += 1
        run.new += counts.new
        run.walk = replace(walk, new=walk.new + counts.new)
        shortest, longest = self._plan.breath
        scarce = scarce_for(fetched.reply.headers, now) or 0.0
        run.wait = max(min(max(fetched.seconds, shortest), longest), scarce)
        self._plan.on_page(run.source, run.walk)

    def _read_anew(self, run: Run, claim: Claim) -> Rule:
        """The source and its walk as they are now, under the lease: another run of the command may
        have gone on. Raises `SourceStopped`.
        """
        with self._database.reading() as session:
            source = sources.at(session, run.source.course_id, run.source.id)
            if source is None or source.state is not SourceState.ACTIVE:
                raise SourceStopped(run.source.id)
            run.source = source
            if source.host != claim[0]:
                raise _Rehosted
            rule = run.spec().rule
            start = datetime.fromtimestamp(rule.since or 0.0, UTC)
            known = None if run.anew else backfills.get(session, source, rule)
            run.walk = resumed(known, self._plan.since or start)
            return rule

    async def _fetch(self, run: Run, claim: Claim, ask: Ask) -> Fetched:
        await self._tools.hosts.require(claim)
        async with self._on(claim, host_key(ask.url)):
            return await self._tools.fetcher.fetch(
                ask, token=run.token(ask), hop=lambda host: self._on(claim, host)
            )

    def _on(self, claim: Claim, host: str) -> AbstractAsyncContextManager[object]:
        return nullcontext() if host == claim[0] else self._tools.hosts.lease(host)


AGAIN = "run the same command again: it goes on where it was"


def _wants_rest(host: str, seconds: float) -> CollectError:
    minutes = max(1, round(seconds / 60))
    span = "a minute" if minutes == 1 else f"{minutes} minutes"
    return CollectError(
        RESTS,
        f"{host} wants no further request for {span}",
        mend=f"after that, {AGAIN}",
    )


def _page(
    run: Run,
    claim: Claim,
    rule: Rule,
    past: Past,
    walk: Walk,
    fetched: Fetched,
    now: datetime,
) -> OlderPage:
    source = run.source
    answer = Answer(
        course_id=source.course_id,
        source_id=source.id,
        entries=past.entries,
        participant_id=source.participant_id,
        held=bool(source.options.get(HELD)),
        begun_at=run.begun,
        adds_only=True,
    )
    rest = Rest(host_key(fetched.reply.url), fetched.rest) if fetched.rest else None
    return OlderPage(claim, source, rule, answer, past.derived, walk, now, rest)


async def _all(works: Iterable[Coroutine[Any, Any, list[LookedBack]]]) -> list[list[LookedBack]]:
    """All results; where one fails, only after all others have ended."""
    ends = await asyncio.gather(*works, return_exceptions=True)
    found = []
    for end in ends:
        if isinstance(end, BaseException):
            raise end
        found.append(end)
    return found
