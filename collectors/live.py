"""Streams of a collector: it looks for those that nobody holds, and keeps them up.

Whoever holds a source's stream renews its lease every few seconds; a collector that dies lets it
run out, and another takes it over.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable

from sqlalchemy.exc import SQLAlchemyError

from collectors import livestoring
from collectors.channels import SILENCE, Channels
from collectors.contract import Streaming
from collectors.livestoring import Told
from collectors.push import Tools
from collectors.registry import KINDS
from collectors.stream import Stream
from models.store.ids import new_token
from models.store.sources import SourceRow

EVERY = 3.0
"""Seconds between looks: a lease of 20 seconds outlives several that fail."""
STREAMING = sorted(name for name, kind in KINDS.items() if isinstance(kind, Streaming))

log = logging.getLogger(__name__)


class Live:
    """All streams of one collector."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._token = new_token()
        self._tasks: dict[tuple[int, str], asyncio.Task[None]] = {}
        self._held: dict[tuple[int, str], SourceRow] = {}

    @contextlib.asynccontextmanager
    async def on(self, *, silence: float = SILENCE) -> AsyncIterator[None]:
        """Holds streams while the block lasts, then closes them and gives them back."""
        async with Channels(self._tools.fetcher.policy, silence=silence) as channels:
            looking = asyncio.create_task(self._look(channels))
            try:
                yield
            finally:
                looking.cancel()
                await asyncio.gather(looking, return_exceptions=True)
                await self._end()

    async def _look(self, channels: Channels) -> None:
        while True:
            try:
                await self._renew()
                await self._take(channels)
            except SQLAlchemyError as error:
                log.warning("streams could not be looked after: %s", type(error).__name__)
            await asyncio.sleep(EVERY)

    async def _renew(self) -> None:
        """Lets go of those that are another's by now, or to be opened anew, or of no more use."""
        ended = [at for at, task in self._tasks.items() if task.done()]
        if self._tasks:
            item = (self._token, self._tools.clock())
            kept = await self._tools.writer.put(livestoring.renew, item)
            ended += self._tasks.keys() - kept
        await self._drop(ended)

    async def _take(self, channels: Channels) -> None:
        item = (self._token, STREAMING, self._tools.clock())
        for source in await self._tools.writer.put(livestoring.take, item):
            at = source.course_id, source.id
            self._held[at] = source
            stream = Stream(self._tools, channels, source, self._token)
            self._tasks[at] = asyncio.create_task(stream.run())

    async def _drop(self, ended: Iterable[tuple[int, str]]) -> None:
        tasks = [self._tasks.pop(at) for at in set(ended)]
        for task in tasks:
            task.cancel()
        for end in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(end, Exception):
                log.error("a stream failed", exc_info=end)

    async def _end(self) -> None:
        """What is leased runs out by itself where the database is away."""
        await self._drop(list(self._tasks))
        for source in self._held.values():
            told = Told(source, self._token, self._tools.clock())
            try:
                await self._tools.writer.put(livestoring.release, told)
            except SQLAlchemyError as error:
                log.warning("a stream could not be given back: %s", type(error).__name__)
