"""Collecting as a process: until a signal says to end, or once over what is due."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import uvloop

from app.clock import now
from app.jobs import telling
from app.wiring import Services, fetch_policy
from collectors.guard import is_reachable
from collectors.pipeline import Done
from collectors.runner import Plan, Scope, running
from collectors.summary import Summary
from collectors.vault import Vault

T = TypeVar("T")

log = logging.getLogger(__name__)


def plan(
    services: Services,
    scope: Scope | None = None,
    on_done: Callable[[Done], None] = lambda done: None,
    *,
    every: bool = False,
) -> Plan:
    """How this process collects, by its settings."""
    return Plan(
        policy=fetch_policy(services.settings),
        clock=now,
        vault=Vault(services.settings.secret_key),
        callbacks=_callbacks(services),
        per_host=services.settings.fetch_per_host,
        parsers=max(1, min(4, os.cpu_count() or 1)),
        scope=scope or Scope(),
        every=every,
        on_done=on_done,
    )


def _callbacks(services: Services) -> str | None:
    """Hubs are asked to deliver where the service is public, or its own address may be fetched."""
    base = services.settings.public_url
    return f"{base}/websub/" if is_reachable(base, services.settings.fetch_allow) else None


def forever(
    services: Services,
    *,
    scope: Scope | None = None,
    until: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT),
) -> Summary:
    """Collects what becomes due, until one of these signals."""
    return run(_forever(services, scope, until))


def once(
    services: Services,
    *,
    every: bool = False,
    scope: Scope | None = None,
    on_start: Callable[[int], None] = lambda due: None,
    on_done: Callable[[Done], None] = lambda done: None,
) -> Summary:
    """Handles what is due, or every source; `on_start` learns how many there are.

    SIGTERM and SIGINT end it early, as `CancelledError` and `KeyboardInterrupt`: what is under way
    may finish for a while, the rest stays due.
    """

    async def collecting() -> Summary:
        end_on_sigterm()
        async with running(
            services.database, plan(services, scope, on_done, every=every)
        ) as runner:
            on_start(await runner.due(every=every))
            summary = await runner.once()
        await telling.once(services)
        return summary

    return run(collecting())


def end_on_sigterm() -> None:
    """SIGTERM cancels the task that is running."""
    if (task := asyncio.current_task()) is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def run(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, on uvloop."""
    loop = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with contextlib.closing(work), loop as runner:  # Ctrl+C may come before the work begins
        return runner.run(work)


async def _forever(
    services: Services, scope: Scope | None, until: Sequence[signal.Signals]
) -> Summary:
    from app.jobs import schedule  # with APScheduler, which a single run does without

    started = time.monotonic()
    stop, tick = asyncio.Event(), asyncio.Event()

    def end() -> None:
        stop.set()
        tick.set()

    loop = asyncio.get_running_loop()
    for signum in until:
        loop.add_signal_handler(signum, end)
    scheduler = schedule.start(services.database, tick.set)
    log.info("collecting")
    try:
        chosen = plan(services, scope, _log_failure)
        async with telling.going_on(services), running(services.database, chosen) as runner:
            await runner.forever(stop, tick)
    finally:
        scheduler.shutdown(wait=False)
        log.info("collecting has ended")
    runner.summary.seconds = time.monotonic() - started
    return runner.summary


def _log_failure(done: Done) -> None:
    if done.error is not None:
        log.warning("source %s (%s): %s", done.source.id, done.source.url, done.error.message)
    elif done.counts.new or done.counts.changed or done.counts.withdrawn:
        counts = done.counts
        log.info(
            "source %s: %d new, %d changed, %d withdrawn",
            done.source.id,
            counts.new,
            counts.changed,
            counts.withdrawn,
        )
