"""The hub beside the collecting. It is loaded once somebody subscribes: most services have nobody,
and their collectors need not know how feeds are written.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from app.wiring import Services
from models.store import intents, subscribers

PAUSE = 0.5
"""Seconds between two looks whether anybody has subscribed."""

log = logging.getLogger(__name__)


async def once(services: Services) -> None:
    """Tells subscribers what is due now."""
    if not services.settings.has_public_url or not await asyncio.to_thread(_is_due, services):
        return
    from app.hub import distribution

    async with distribution.running(services) as hub:
        await hub.once()


@asynccontextmanager
async def going_on(services: Services) -> AsyncIterator[None]:
    """Tells subscribers while the block runs."""
    task = asyncio.create_task(_forever(services))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _forever(services: Services) -> None:
    if not services.settings.has_public_url:
        return
    while True:
        if await asyncio.to_thread(_is_due, services):
            break
        await asyncio.sleep(PAUSE)
    from app.hub import distribution

    async with distribution.running(services) as hub:
        await hub.forever()


def _is_due(services: Services) -> bool:
    try:
        with services.database.reading() as session:
            return intents.is_due(session, now()) or subscribers.is_due(session, now())
    except SQLAlchemyError as error:
        log.warning("the hub waits for the database: %s", type(error).__name__)
        return False
