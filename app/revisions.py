"""The courses' versions, kept fresh in memory: what the cache goes by."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from models.store import courses
from models.store.courses import Version
from models.store.engine import Database

INTERVAL = 0.5
"""Seconds between polls: how long a change takes to be seen at the most."""

log = logging.getLogger(__name__)


class Revisions:
    """One small query every half second for all courses, whatever the number of visitors."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: Mapping[str, Version] = {}
        self._failing = False
        self._fresh = False
        self._listeners: list[Callable[[Mapping[str, Version]], None]] = []

    def listen(self, listener: Callable[[Mapping[str, Version]], None]) -> None:
        """Calls `listener` after each poll, on the event loop."""
        self._listeners.append(listener)

    @property
    def known(self) -> Mapping[str, Version]:
        """By slug. Empty before the first poll."""
        return self._known

    def of(self, slug: str | None) -> tuple[object, ...] | None:
        """What an answer about a course depends on, its local day too; of all, without a slug.

        None where nothing is known of it: such a request is not cached.
        """
        if not self._fresh:
            return None
        if slug is None:
            return tuple((name, *_parts(version)) for name, version in self._known.items())
        version = self._known.get(slug)
        return None if version is None else _parts(version)

    @contextlib.asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Polls while the block runs."""
        await self.poll()
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def poll(self) -> None:
        """Reads the versions. A database that is away changes nothing: what is known is served."""
        try:
            self._known = await asyncio.to_thread(self._read)
        except SQLAlchemyError as error:
            if not self._failing:
                log.warning("revisions could not be read: %s", type(error).__name__)
            self._failing = True
        else:
            self._failing, self._fresh = False, True
            for listener in self._listeners:
                listener(self._known)

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            await self.poll()

    def _read(self) -> Mapping[str, Version]:
        with self._database.reading() as session:
            return courses.versions(session)


def _parts(version: Version) -> tuple[int, float, date]:
    day = now().astimezone(ZoneInfo(version.timezone)).date()
    return version.revision, version.settings_at.timestamp(), day
