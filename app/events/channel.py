"""A course's change log, read once for all streams that are at the same place in it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from app.events.framing import Page
from models.domain.errors import NotFound
from models.store.courses import Version

PAGES = 8
"""Kept for streams that come to the same place a little later."""
PAUSE = 1.0
"""Seconds until a read that failed is tried again."""

log = logging.getLogger(__name__)


class Listener(Protocol):
    """Whoever follows a course."""

    def wake(self) -> None:
        """There is news."""

    def end(self) -> None:
        """There will be no more."""


class Channel:
    """What is new in a course. `read` gives the page after a revision; so many `reads` at once."""

    def __init__(
        self, read: Callable[[int], Awaitable[Page]], reads: asyncio.Semaphore, version: Version
    ) -> None:
        self.listeners: set[Listener] = set()
        self._read = read
        self._reads = reads
        self._version = version
        self._pages: dict[int, asyncio.Task[Page]] = {}

    @property
    def revision(self) -> int:
        """How far the course is, as this process knows."""
        return self._version.revision

    def move_on(self, version: Version | None) -> None:
        """Takes note of the course's version; None: the course is gone."""
        if version == self._version:
            return
        # Pages show posts as they were when they were read: what was withdrawn must not remain.
        self._pages.clear()
        if version is not None:
            self._version = version
        for listener in self.listeners:
            if version is None:
                listener.end()
            else:
                listener.wake()

    async def after(self, revision: int) -> Page:
        """What follows a revision; an empty page where the database does not answer."""
        task = self._pages.get(revision)
        if task is None:
            if len(self._pages) >= PAGES:
                del self._pages[next(iter(self._pages))]
            task = self._pages[revision] = asyncio.create_task(self._page(revision))
        return await asyncio.shield(task)  # one who leaves takes nothing away

    async def _page(self, revision: int) -> Page:
        try:
            async with self._reads:
                return await self._read(revision)
        except (SQLAlchemyError, NotFound) as error:
            log.warning("the change log could not be read: %s", type(error).__name__)
        await asyncio.sleep(PAUSE)
        if self._pages.get(revision) is asyncio.current_task():
            del self._pages[revision]
        return Page(b"", 0, revision)
