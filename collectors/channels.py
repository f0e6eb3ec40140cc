"""Streams from servers: event streams over HTTP, WebSocket where that is all a server offers.

Connections are the guard's, as everywhere; redirects are not followed, because a token goes along.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from collectors.contract import Channel, CollectError, Event
from collectors.guard import GuardedBackend, check_url
from collectors.headers import joined, retry_after
from collectors.http import FetchPolicy, HttpError
from collectors.sse import EventStream
from collectors.websocket import WebSocket
from models.domain.links import host_key

SILENCE = 60.0
"""Seconds: servers send a comment or a ping every 15 to 30."""
MOST = 500
"""Streams of one process."""
ONLY_WEBSOCKET = frozenset({400, 404, 405, 406, 426, 501})
"""How servers answer that stream over WebSocket only."""


class StreamBroken(CollectError):
    """It ended, fell silent, or broke off."""

    def __init__(self, host: str, how: str) -> None:
        super().__init__("stream-broken", f"{host} {how}", mend="it is opened again by itself")


class Channels:
    """Opens streams. A context manager, to be used from one event loop."""

    def __init__(self, policy: FetchPolicy, *, silence: float = SILENCE) -> None:
        self._policy = policy
        self._silence = silence
        self._backend = GuardedBackend(policy.allow, threads=4)
        self._tls = httpx2.create_ssl_context(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._tls,
            max_connections=MOST,
            max_keepalive_connections=0,
            network_backend=self._backend,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._pool.aclose()
        self._backend.close()

    @contextlib.asynccontextmanager
    async def open(self, channel: Channel, token: str) -> AsyncIterator[AsyncIterator[Event]]:
        """What comes, from now on, for as long as the block lasts.

        Raises `CollectError` while it is opened: as `Fetcher.fetch` does, `no-stream` where the
        server has none; later on `StreamBroken`.
        """
        async with contextlib.AsyncExitStack() as stack:
            try:
                opened = self._event_stream(channel.events, token)
                events = await stack.enter_async_context(opened)
            except HttpError as error:
                if error.status not in ONLY_WEBSOCKET:
                    raise
                opened = self._websocket(channel.websocket, token)
                events = await stack.enter_async_context(opened)
            yield events

    @contextlib.asynccontextmanager
    async def _event_stream(self, url: str, token: str) -> AsyncIterator[AsyncIterator[Event]]:
        parts, host = check_url(url, self._policy.allow), host_key(url)
        request = httpcore2.Request(
            "GET",
            httpcore2.URL(
                scheme=parts.scheme.encode(),
                host=parts.host.encode(),
                port=parts.own_port,
                target=parts.target,
            ),
            headers=[
                ("Host", parts.netloc()),
                ("User-Agent", self._policy.user_agent),
                ("Accept", "text/event-stream"),
                ("Accept-Encoding", "identity"),
                ("Authorization", f"Bearer {token}"),
            ],
            extensions={"timeout": {"connect": self._policy.connect_timeout}},
        )
        with _broken(host):
            async with _in_time(self._policy.total_timeout, host):
                response = await self._pool.handle_async_request(request)
        try:
            _check(response, host)
            yield self._parsed(response.aiter_stream(), host)
        finally:
            await response.aclose()

    async def _parsed(self, chunks: AsyncIterator[bytes], host: str) -> AsyncIterator[Event]:
        stream = EventStream()
        with _broken(host):
            while True:
                async with _in_time(self._silence, host):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    raise StreamBroken(host, "ended the stream")
                for event in stream.feed(chunk):
                    yield event

    @contextlib.asynccontextmanager
    async def _websocket(self, url: str, token: str) -> AsyncIterator[AsyncIterator[Event]]:
        parts, host = check_url(url, self._policy.allow), host_key(url)
        wait = self._policy.connect_timeout
        stream = await self._backend.connect_tcp(parts.host, parts.port, timeout=wait)
        try:
            with _broken(host):
                async with _in_time(self._policy.total_timeout, host):
                    if parts.scheme == "https":
                        stream = await stream.start_tls(self._tls, parts.host, timeout=wait)
                    socket = WebSocket(stream, url, host)
                    await socket.shake_hands(token, self._policy.user_agent)
            yield self._unpacked(socket, host)
        finally:
            await stream.aclose()

    async def _unpacked(self, socket: WebSocket, host: str) -> AsyncIterator[Event]:
        """Messages are JSON: `event`, and `payload` as a text."""
        with _broken(host):
            while True:
                async with _in_time(self._silence, host):
                    messages = await socket.receive()
                if messages is None:
                    raise StreamBroken(host, "ended the stream")
                for message in messages:
                    if (event := _event(message)) is not None:
                        yield event


def _event(message: str) -> Event | None:
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get("event"), str):
        return None
    payload = found.get("payload", "")
    return Event(found["event"], payload if isinstance(payload, str) else json.dumps(payload))


def _check(response: httpcore2.Response, host: str) -> None:
    headers = joined(response.headers)
    if response.status != 200:
        busy = response.status in {429, 503}
        wait = retry_after(headers, datetime.now(UTC)) if busy else None
        raise HttpError(response.status, host, wait)
    if not headers.get("content-type", "").startswith("text/event-stream"):
        raise CollectError(
            "no-stream",
            f"{host} answers with something else than an event stream",
            mend="It is polled instead.",
        )


@contextlib.asynccontextmanager
async def _in_time(seconds: float, host: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise StreamBroken(host, f"has said nothing for {seconds:g} seconds") from None


@contextlib.contextmanager
def _broken(host: str) -> Iterator[None]:
    """Turns what the connection did into a `CollectError`."""
    try:
        yield
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        raise StreamBroken(host, "broke the stream off") from error
