"""The shelf is gone through after posts have changed, once an hour, and when much was put there."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Collection
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from app.media.proxy import Proxy
from app.media.shelf import LIMIT
from models.store import pictures
from models.store.engine import Database

EVERY: Final = 60.0
"""Seconds from one look to the next: how long a picture of an erased post is kept at the most. It
is no longer served at once.
"""
HOUR: Final = 3600.0
MUCH: Final = LIMIT // 20
"""Bytes put on the shelf by this process."""

log = logging.getLogger(__name__)


class Tidying:
    """`version` is anything that is another when posts may have vanished."""

    def __init__(self, proxy: Proxy, database: Database, version: Callable[[], object]) -> None:
        self._proxy = proxy
        self._database = database
        self._version = version
        self._seen: object = None
        self._stored = 0
        self._last = float("-inf")

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Looks every minute while the block runs, the first time at once."""
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def look(self, now: float) -> None:
        """Tidies where there is a reason. What fails is tried again at the next look."""
        version, stored = self._version(), self._proxy.stored
        much = stored - self._stored > MUCH
        if version == self._seen and not much and now - self._last < HOUR:
            return
        try:
            await asyncio.to_thread(self._proxy.shelf.tidy, self._visible, now)
        except (OSError, SQLAlchemyError) as error:
            log.warning("the pictures could not be tidied: %s", type(error).__name__)
        else:
            self._seen, self._stored, self._last = version, stored, now

    async def _forever(self) -> None:
        while True:
            await self.look(time.time())
            await asyncio.sleep(EVERY)

    def _visible(self, course: str, posts: Collection[str]) -> Collection[str]:
        with self._database.reading() as session:
            return pictures.visible(session, course, posts)
