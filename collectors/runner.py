"""Running a collector: hosts are claimed as slots get free, their due sources go one after another.

`Runner.once` handles what is due and ends; `Runner.forever` goes on at each tick until stopped.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from collectors import storing
from collectors.contexts import Contexts, CourseContext
from collectors.contract import looks_after
from collectors.hosts import Hosts
from collectors.http import Fetcher, FetchPolicy
from collectors.parsing import ParserPool
from collectors.pipeline import Done, Pipeline
from collectors.push import Push, Tools
from collectors.registry import KINDS
from collectors.storing import Claimed, LeaseLost, Wanted
from collectors.summary import Summary
from collectors.vault import Vault
from collectors.writer import Writer
from models.store import checks, leases, schedule
from models.store.engine import Database
from models.store.leases import Claim
from models.store.sources import SourceRow

GRACE = 5.0
"""Seconds that what is under way may take once the collector is told to stop."""
PATIENCE = 10.0
"""Seconds to wait for a further host that another request is using."""
AHEAD = 4
"""Hosts under way for each request that may be: while one is written, the next one is asked."""
DATABASE_AWAY = 60.0
"""Seconds the database may be away before `once` gives up; `forever` never does."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is narrowed to."""

    course: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a collector runs."""

    policy: FetchPolicy
    clock: Callable[[], datetime]
    vault: Vault
    callbacks: str | None = None
    """Where the web service takes WebSub deliveries; None where hubs cannot reach it."""
    per_host: int = 1
    """Sources of one host that are asked at once."""
    parsers: int = 2
    scope: Scope = Scope()
    every: bool = False
    """Whether all older posts are checked, due or not."""
    on_done: Callable[[Done], None] = lambda done: None
    """Told of each source, in the event loop."""


@dataclass(slots=True)
class _Absence:
    """Of the database."""

    since: float
    error: SQLAlchemyError
    unbearable: bool = False


@contextlib.asynccontextmanager
async def running(database: Database, plan: Plan) -> AsyncIterator["Runner"]:
    """A collector with all it needs. At the end what is under way gets a few seconds, then what is
    leased is given back.
    """
    async with equipped(database, plan) as tools:
        runner = Runner(database, plan, tools)
        try:
            yield runner
        finally:
            await runner.end()


@contextlib.asynccontextmanager
async def equipped(database: Database, plan: Plan) -> AsyncIterator[Tools]:
    """What is needed to ask, read and write. At the end what is leased is given back."""
    writer = Writer(database)
    hosts = Hosts(writer, plan.clock, patience=PATIENCE)
    heart = asyncio.create_task(hosts.keep())
    try:
        with ParserPool(plan.parsers) as parsers:
            async with Fetcher(plan.policy) as fetcher:
                contexts = Contexts(database)
                yield Tools(fetcher, parsers, writer, hosts, contexts, plan.clock, plan.vault)
    finally:
        heart.cancel()
        await hosts.release_all()
        await asyncio.to_thread(writer.close)


class Runner:
    """Claims hosts and sends their sources through the pipeline. Made by `running`."""

    def __init__(self, database: Database, plan: Plan, tools: Tools) -> None:
        self.summary = Summary()
        self._database = database
        self._plan = plan
        self._writer = tools.writer
        self._hosts = tools.hosts
        self._contexts = tools.contexts
        self._tools = tools
        self._pipeline = Pipeline(
            tools.fetcher,
            tools.parsers,
            tools.writer,
            tools.hosts,
            tools.clock,
            tools.vault,
            takes_push=plan.callbacks is not None,
            every=plan.every,
        )
        self._push = Push(tools, plan.callbacks)
        self._tasks: set[asyncio.Task[None]] = set()
        """One for each host that is worked on; such a host takes up a slot."""
        self._releases: set[asyncio.Task[None]] = set()
        """Of hosts that are done: the next ones need not wait until that is written."""
        self._wake = asyncio.Event()
        self._away: _Absence | None = None
        self._bearable = math.inf

    async def due(self, *, every: bool = False) -> int:
        """How many sources are due; with `every`, all active ones are made due first."""

        def count() -> int:
            now, scope = self._plan.clock(), self._plan.scope
            if every:
                self._make_checks_due(now)
                with self._database.writing() as session:
                    schedule.make_due(session, now, course=scope.course, source=scope.source)
            with self._database.reading() as session:
                return schedule.count_due(session, now, course=scope.course, source=scope.source)

        return await asyncio.to_thread(count)

    def _make_checks_due(self, now: datetime) -> None:
        """First, and for whoever claims the sources: another collector may be quicker."""
        scope = self._plan.scope
        kinds = [name for name, kind in KINDS.items() if looks_after(kind)]
        with self._database.writing() as session:
            checks.make_due(session, kinds, now, course=scope.course, source=scope.source)

    async def once(self) -> Summary:
        """Handles all that is due now, and ends.

        Waits for hosts that another collector has, until it gives them back or its lease runs out.
        Raises `SQLAlchemyError` where the database stays away.
        """
        started, due_by = time.monotonic(), self._plan.clock()
        self._bearable = DATABASE_AWAY
        await self._push.work()
        while await self._claim(due_by) or await self._is_work_left(due_by):
            await self._breathe()
        self.summary.seconds = time.monotonic() - started
        return self.summary

    async def forever(self, stop: asyncio.Event, tick: asyncio.Event) -> None:
        """Claims what is due at each tick until `stop`, with streams open meanwhile. Whoever sets
        `stop` sets `tick` too.
        """
        from collectors.live import Live  # with all that streams need, which a single run has not

        self._wake = tick
        async with Live(self._tools).on(), self._push.on():
            while not stop.is_set():
                tick.clear()
                await self._claim(self._plan.clock())
                await tick.wait()

    async def end(self) -> None:
        """Lets what is under way finish for a while, then breaks it off."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*self._releases, return_exceptions=True)

    @property
    def _is_busy(self) -> bool:
        return bool(self._tasks or self._releases)

    def _scoped_hosts(self, due_by: datetime) -> frozenset[str] | None:
        """Where the scope's sources are still to be asked; None for all."""
        scope = self._plan.scope
        if scope == Scope():
            return None
        with self._database.reading() as session:
            return schedule.hosts_due(session, due_by, course=scope.course, source=scope.source)

    async def _is_work_left(self, due_by: datetime) -> bool:
        """Whether there will be something to claim later: ours under way, or another's leases."""
        if self._away is not None and self._away.unbearable:
            raise self._away.error
        if self._is_busy or self._away is not None:
            return True
        try:
            return await asyncio.to_thread(self._is_outstanding, due_by)
        except SQLAlchemyError as error:
            self._note_absence(error)
            return True

    def _is_outstanding(self, due_by: datetime) -> bool:
        """Whether there is a host to claim, or one that another collector will give back."""
        among = self._scoped_hosts(due_by)
        with self._database.reading() as session:
            hosts = leases.outstanding(session, self._plan.clock(), due_by)
        return bool(hosts if among is None else among.intersection(hosts))

    async def _breathe(self) -> None:
        """Until a source's host is done; a moment where none of ours is under way."""
        self._wake.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if self._is_busy else 0.5):
                await self._wake.wait()

    async def _claim(self, due_by: datetime) -> int:
        """Takes as many hosts as there are free slots; a few at a time are not worth a query."""
        slots = AHEAD * self._plan.policy.concurrency
        free = slots - len(self._tasks)
        if self._tasks and free < max(1, slots // 4):
            return 0
        try:
            claimed, contexts = await self._claimed(free, due_by)
        except SQLAlchemyError as error:
            self._note_absence(error)
            return 0
        if not claimed:
            self._away = None
        for item in claimed:
            self._start(item, contexts)
        return len(claimed)

    async def _claimed(
        self, slots: int, due_by: datetime
    ) -> tuple[list[Claimed], Mapping[int, CourseContext]]:
        scope = self._plan.scope
        contexts = await asyncio.to_thread(self._contexts.read)
        wanted = Wanted(
            now=self._plan.clock(),
            slots=slots,
            due_by=due_by,
            course=scope.course,
            source=scope.source,
            hosts=await asyncio.to_thread(self._scoped_hosts, due_by),
        )
        claimed = await self._writer.put(storing.claim, wanted)
        self._hosts.hold([item.claim for item in claimed], wanted.now)
        return claimed, contexts

    def _note_absence(self, error: SQLAlchemyError) -> None:
        """Sources stay due and leases run out meanwhile: waiting loses nothing."""
        if self._away is None:
            self._away = _Absence(time.monotonic(), error)
            log.warning("the database is away (%s): waiting", type(error).__name__)
        if time.monotonic() - self._away.since > self._bearable:
            self._away.unbearable = True

    def _start(self, item: Claimed, contexts: Mapping[int, CourseContext]) -> None:
        task = asyncio.create_task(self._collect_host(item, contexts))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _release(self, claim: Claim) -> None:
        task = asyncio.create_task(self._hosts.release(claim))
        self._releases.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._releases.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, SQLAlchemyError):
                self._note_absence(error)
            else:
                log.error("a host's collecting failed", exc_info=error)

    async def _collect_host(self, item: Claimed, contexts: Mapping[int, CourseContext]) -> None:
        """The host's due sources, `per_host` at once; then the host is given back."""
        queue = list(reversed(item.sources))
        workers = [
            self._work_off(queue, item, contexts)
            for _ in range(min(self._plan.per_host, len(queue)))
        ]
        try:
            ends = await asyncio.gather(*workers, return_exceptions=True)
        finally:
            self._release(item.claim)
        if errors := [error for error in ends if error is not None]:
            await asyncio.sleep(1)  # it is claimed again at once
            raise errors[0]

    async def _work_off(
        self, queue: list[SourceRow], item: Claimed, contexts: Mapping[int, CourseContext]
    ) -> None:
        while queue:
            source = queue.pop()
            if (context := contexts.get(source.course_id)) is None:
                continue  # its course was made a moment ago: the next claim knows it
            try:
                done = await self._pipeline.collect(source, item.claim, context)
            except LeaseLost:
                log.warning("%s was taken over, its answers are discarded", item.claim[0])
                queue.clear()
                return
            self._away = None
            if done is None:
                continue
            self.summary.add(done)
            self._plan.on_done(done)
            if done.rests:
                queue.clear()  # they stay due, and wait for the host
