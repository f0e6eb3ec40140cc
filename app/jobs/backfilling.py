"""Looking back at a course's sources: those that were never asked are collected first."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.jobs import collecting
from app.wiring import Services
from collectors.backfill import Backfill
from collectors.lookback import LookBack, LookedBack
from collectors.push import Tools
from collectors.runner import Plan, Runner, Scope, equipped
from models.domain.errors import NotFound
from models.domain.source import SourceState
from models.store import sources
from models.store.sources import SourceRow

ROUNDS = 3
"""Runs at the most before it is looked back: a blog leads to the feed of its hashtag."""


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What became of each source, and how long it took in seconds."""

    sources: Sequence[LookedBack]
    seconds: float


def backfill(
    services: Services,
    course: str,
    lookback: LookBack,
    *,
    source: str | None = None,
    on_start: Callable[[int], None] = lambda wanted: None,
) -> Backfilled:
    """Looks back at the course's sources, or at one of them; `on_start` learns how many there are.

    Raises `NotFound` where the course has no such source. SIGTERM and SIGINT end it as they end
    `collecting.once`: each page that was read is kept.
    """
    scope, started = Scope(course, source), time.monotonic()
    wanted_of(services, scope)

    async def work() -> Sequence[LookedBack]:
        collecting.end_on_sigterm()
        plan = collecting.plan(services, scope)
        async with equipped(services.database, plan) as tools:
            await _collect_first(services, plan, tools)
            wanted = await asyncio.to_thread(wanted_of, services, scope)
            on_start(len(wanted))
            return await Backfill(services.database, tools, lookback).run(wanted)

    return Backfilled(collecting.run(work()), time.monotonic() - started)


def wanted_of(services: Services, scope: Scope) -> Sequence[SourceRow]:
    """The sources of a course, or one of them. Raises `NotFound`."""
    with services.database.reading() as session:
        found = sources.listed(session, course=scope.course)
    if scope.source is None:
        return found
    chosen = [row for row in found if row.id == scope.source]
    if not chosen:
        raise NotFound(
            f"the course {scope.course} has no source {scope.source}:"
            " `moocfeed source list` shows all"
        )
    return chosen


async def _collect_first(services: Services, plan: Plan, tools: Tools) -> None:
    """Where a blog's feed is, or an account, only the ordinary collecting finds out."""
    runner = Runner(services.database, plan, tools)
    try:
        for _ in range(ROUNDS):
            if not await asyncio.to_thread(_is_unasked, services, plan.scope):
                return
            await runner.once()
    finally:
        await runner.end()


def _is_unasked(services: Services, scope: Scope) -> bool:
    return any(
        row.state is SourceState.ACTIVE and row.last_fetch_at is None
        for row in wanted_of(services, scope)
    )
