"""The clock of a collector: APScheduler only ticks; what is due is a column of the database."""

import asyncio
import logging
from collections.abc import Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from models.store import mentions, schedule, sessions, subscribers, tombstones, tries
from models.store.engine import Database

TICK = 1.0
"""Seconds between looks at what is due."""
PRUNE_HOURS = 6

log = logging.getLogger(__name__)


def start(database: Database, tick: Callable[[], None]) -> AsyncIOScheduler:
    """Starts ticking in the running event loop; the caller shuts it down."""

    async def beat() -> None:
        tick()

    async def prune() -> None:
        await asyncio.to_thread(_prune, database)

    scheduler = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    scheduler.add_job(beat, "interval", seconds=TICK)
    scheduler.add_job(prune, "interval", hours=PRUNE_HOURS)
    scheduler.start()
    return scheduler


def _prune(database: Database) -> None:
    try:
        with database.writing() as session:
            schedule.prune_fetches(session, now())
            mentions.prune(session, now())
            tombstones.prune(session, now())
            subscribers.prune(session, now())
            sessions.prune(session, now())
            tries.prune(session, now())
    except SQLAlchemyError as error:
        log.warning("what is old could not be pruned: %s", type(error).__name__)
