"""One reader's stream: where it is in the log, and what is written to it when."""

import asyncio
import secrets

from starlette.types import Receive, Send

from app.api.metrics import Metrics
from app.events import framing
from app.events.channel import Channel

HEARTBEAT = 20.0
"""Seconds without news after which a comment is sent: proxies give up at 60, as a rule."""
PATIENCE = 30.0
"""Seconds that a reader may take for what was sent last; then its connection is cut."""
LAST = 1.0
"""The same once the stream ends."""
RETRY = (2000, 5000)
"""Milliseconds until readers come back: at different moments, when all were cut at once."""


class Stream:
    """Follows a channel from a position, or from now on where there is none.

    Nothing waits in it: a stream knows its position, and reads on when its reader has taken what
    was sent before.
    """

    def __init__(
        self, channel: Channel, position: int | None, send: Send, metrics: Metrics
    ) -> None:
        self._channel = channel
        self._given = position
        self._send = send
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._ended = False
        self._writing: asyncio.Timeout | None = None

    def wake(self) -> None:
        """There is news."""
        self._woken.set()

    def end(self) -> None:
        """Ends it as soon as what is being written is through."""
        self._ended = True
        if self._writing is not None:
            self._writing.reschedule(asyncio.get_running_loop().time() + LAST)
        self.wake()

    async def run(self, receive: Receive) -> None:
        """Tells all that happens until the reader leaves or the stream is ended.

        Raises `TimeoutError` where the reader takes nothing more.
        """
        watching = asyncio.create_task(self._end_with_reader(receive))
        try:
            await self._tell()
            await self._write(b"", more=False)
        finally:
            watching.cancel()

    async def _tell(self) -> None:
        channel, position = self._channel, self._given
        opening = framing.retry(RETRY[0] + secrets.randbelow(RETRY[1] - RETRY[0]))
        if position is None:
            position = channel.revision
            opening += framing.place(position)
        await self._write(opening)
        # Another process may know more than this one; or the reader of what is no longer so.
        is_ahead = position > channel.revision
        while not self._ended:
            if is_ahead or position < channel.revision:
                page = await channel.after(position)
                await self._write(page.body or framing.HEARTBEAT)
                self._metrics.events.inc(page.events)
                position, is_ahead = page.revision, False
            elif not await self._news():
                await self._write(framing.HEARTBEAT)

    async def _news(self) -> bool:
        """Waits for it, but no longer than until the next heartbeat."""
        loop = asyncio.get_running_loop()
        timer = loop.call_later(HEARTBEAT, self.wake)
        await self._woken.wait()
        timer.cancel()
        self._woken.clear()
        return loop.time() < timer.when()

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        try:
            async with asyncio.timeout(LAST if self._ended else PATIENCE) as self._writing:
                await self._send({"type": "http.response.body", "body": body, "more_body": more})
        finally:
            self._writing = None

    async def _end_with_reader(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end()
