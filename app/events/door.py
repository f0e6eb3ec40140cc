"""`GET …/courses/{course}/events`, bare ASGI before the cache and the application.

What cannot be streamed (another address, an unknown course, a `Last-Event-ID` that is none) goes on
to the application, whose route says what is wrong.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from app import errors
from app.api.answers import PREFIX
from app.api.events import PARAMETER, POSITION
from app.api.metrics import Metrics
from app.errors import Problem
from app.events import framing
from app.events.channel import Channel
from app.events.framing import Page
from app.events.stream import Stream
from app.revisions import Revisions
from models.store.courses import Version
from models.store.engine import Database

READS = 2
"""Pages of the change log that are read at once."""
_PATH = re.compile(rf"{PREFIX}/courses/([a-z0-9-]+)/events")
_POSITION = re.compile(POSITION)
_CORS = {"Access-Control-Allow-Origin": "*"}
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx passes on at once what it gets
    (b"access-control-allow-origin", b"*"),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A stream that is asked for."""

    slug: str
    position: int | None
    """The last revision that the reader knows; None: from now on."""


class Events:
    """The streams of one process, at most `capacity` at once, and the application behind them."""

    def __init__(
        self,
        app: ASGIApp,
        database: Database,
        revisions: Revisions,
        metrics: Metrics,
        capacity: int,
    ) -> None:
        self._app = app
        self._database = database
        self._revisions = revisions
        self._metrics = metrics
        self._capacity = capacity
        self._streams: set[Stream] = set()
        self._channels: dict[str, Channel] = {}
        self._reads = asyncio.Semaphore(READS)
        self._closing = False
        revisions.listen(self._move_on)

    def close(self) -> None:
        """Ends all streams; no more are opened. To be called on the event loop."""
        self._closing = True
        for stream in self._streams:
            stream.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = read_request(scope)
        version = self._revisions.known.get(wanted.slug) if wanted else None
        if wanted is None or version is None:
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await _start(send)
            await send({"type": "http.response.body", "body": b""})
        elif self._closing or len(self._streams) >= self._capacity:
            self._metrics.refused_streams.inc()
            await errors.response(_full())(scope, receive, send)
        else:
            await self._stream(wanted, version, receive, send)

    async def _stream(self, wanted: Wanted, version: Version, receive: Receive, send: Send) -> None:
        channel = self._channel(wanted.slug, version)
        stream = Stream(channel, wanted.position, send, self._metrics)
        self._streams.add(stream)
        channel.listeners.add(stream)
        self._metrics.streams.inc()
        try:
            await _start(send)
            await stream.run(receive)
        except TimeoutError:
            self._metrics.cut_streams.inc()
            await _cut(send, receive)
        finally:
            self._metrics.streams.dec()
            channel.listeners.discard(stream)
            self._streams.discard(stream)
            if not channel.listeners:
                self._channels.pop(wanted.slug, None)

    def _channel(self, slug: str, version: Version) -> Channel:
        channel = self._channels.get(slug)
        if channel is None:
            read = partial(self._read, slug)
            channel = self._channels[slug] = Channel(read, self._reads, version)
        return channel

    async def _read(self, slug: str, since: int) -> Page:
        return await asyncio.to_thread(framing.read, self._database, slug, since)

    def _move_on(self, known: Mapping[str, Version]) -> None:
        for slug, channel in self._channels.items():
            channel.move_on(known.get(slug))


def read_request(scope: Scope) -> Wanted | None:
    """None for whatever is no stream, or none that can be opened."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return None
    found = _PATH.fullmatch(scope["path"])
    if found is None:
        return None
    given = [value.strip() for name, value in scope["headers"] if name == b"last-event-id"]
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    if [name for name, _ in query] not in ([], [PARAMETER]):
        return None
    # A browser that comes back repeats the address, but the header says how far it got since.
    texts = [*(value.decode("latin-1") for value in given), *(value for _, value in query)]
    if not all(_POSITION.fullmatch(text) for text in texts):
        return None
    positions = [int(text) for text in texts if text]
    return Wanted(found[1], positions[0] if positions else None)


async def _start(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})


async def _cut(send: Send, receive: Receive) -> None:
    """Drops the connection with all that waits in it: closing waits for the reader, who is stuck.

    ASGI has no word for that, so uvicorn's own transport is taken, where there is one.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


def _full() -> Problem:
    return Problem(
        "unavailable",
        "There are as many streams as this service holds; ask /changes now and then meanwhile.",
        {"Retry-After": "30", **_CORS},
    )
