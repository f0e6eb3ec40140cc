"""Connections that are kept for a further request to the same origin.

A collector asks thousands of hosts for one thing each: `httpcore2`'s pool, which looks at all its
connections before and after every request, takes a tenth of such a round.
"""

import ssl
from dataclasses import dataclass

import httpcore2
import httpx2

MOST_IDLE = 48
IDLE_SECONDS = 15.0
"""How long a connection is kept that nobody uses."""

Origin = tuple[bytes, bytes, int | None]


class Connections:
    """At most `MOST_IDLE` idle ones, those used last; the number of busy ones is the caller's."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend) -> None:
        self._backend = backend
        self._idle: dict[httpcore2.AsyncHTTPConnection, Origin] = {}
        """Those that became idle first stand first."""
        self._by_origin: dict[Origin, list[httpcore2.AsyncHTTPConnection]] = {}
        self._tls: ssl.SSLContext | None = None

    async def ask(self, request: httpcore2.Request, *, anew: bool = False) -> "Answer":
        """The answer's beginning; it has to be closed.

        `anew`: on a new connection. Raises what the backend raises, and `httpcore2`'s errors.
        """
        origin = (request.url.scheme, request.url.host, request.url.port)
        connection = None if anew else await self._kept(origin)
        if connection is None:
            connection = self._made(request.url)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            await connection.aclose()
            raise
        return Answer(response, connection, origin, self)

    async def aclose(self) -> None:
        """Closes those that are idle."""
        while self._idle:
            await self._close(self._first())

    async def _kept(self, origin: Origin) -> httpcore2.AsyncHTTPConnection | None:
        while (same := self._by_origin.get(origin)) is not None:
            connection = same[-1]
            if not connection.has_expired():
                self._forget(connection)
                return connection
            await self._close(connection)
        return None

    async def keep(self, connection: httpcore2.AsyncHTTPConnection, origin: Origin) -> None:
        """For a further request; closes it where it can take none."""
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle[connection] = origin
        self._by_origin.setdefault(origin, []).append(connection)
        while self._idle and (len(self._idle) > MOST_IDLE or self._first().has_expired()):
            await self._close(self._first())

    def _first(self) -> httpcore2.AsyncHTTPConnection:
        return next(iter(self._idle))

    async def _close(self, connection: httpcore2.AsyncHTTPConnection) -> None:
        self._forget(connection)
        await connection.aclose()

    def _forget(self, connection: httpcore2.AsyncHTTPConnection) -> None:
        same = self._by_origin[origin := self._idle.pop(connection)]
        same.remove(connection)
        if not same:
            del self._by_origin[origin]

    def _made(self, url: httpcore2.URL) -> httpcore2.AsyncHTTPConnection:
        if url.scheme == b"https" and self._tls is None:
            self._tls = httpx2.create_ssl_context(trust_env=False)  # reads the certificates
        return httpcore2.AsyncHTTPConnection(
            url.origin,
            ssl_context=self._tls,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._backend,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A response under way."""

    response: httpcore2.Response
    _connection: httpcore2.AsyncHTTPConnection
    _origin: Origin
    _connections: Connections

    async def aclose(self) -> None:
        """The connection is kept where the body was read to its end, and closed elsewhere."""
        try:
            await self.response.aclose()
        finally:
            await self._connections.keep(self._connection, self._origin)
