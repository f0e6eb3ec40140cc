"""TCP and TLS streams of asyncio, as `httpcore2` wants them.

Compared with `httpcore2.AnyIOBackend` such a stream knows without a system call whether its peer
has hung up (`httpcore2` asks that of every idle connection around every request), and it leaves
time limits to the one deadline of the whole fetch.
"""

import asyncio
import socket
import ssl
from typing import Any, cast

import httpcore2

from collectors.contract import CollectError

BUFFER = 256 * 1024
"""Bytes kept before the peer has to wait."""


class StaleConnectionError(httpcore2.ReadError):
    """A kept connection was closed by the other side before it answered: ask again on a new one."""


class SocketStream(httpcore2.AsyncNetworkStream):
    """Wraps a connected, non-blocking socket, whose peer is called `host` in messages.

    TLS must be done by `connect_by`, in the event loop's time. The methods' own `timeout` is not
    looked at: the fetch as a whole has a deadline.
    """

    def __init__(self, sock: socket.socket, host: str, connect_by: float | None) -> None:
        self._sock = sock
        self._host = host
        self._connect_by = connect_by
        self._wire: _Wire | None = None
        self._answered = False
        self._asked_again = False

    async def _open(self) -> "_Wire":
        if self._wire is None:
            loop = asyncio.get_running_loop()
            _, self._wire = await loop.create_connection(_Wire, sock=self._sock)
        return self._wire

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's interface
    ) -> bytes:
        """Up to `max_bytes`; `b""` at the end. Raises `StaleConnectionError`, `ReadError`."""
        wire = await self._open()
        try:
            data = await wire.receive(max_bytes)
        except OSError as error:
            raise self._broken(error) from error
        if data:
            self._answered, self._asked_again = True, False
        elif self._asked_again:
            raise StaleConnectionError("closed before it answered")
        return data

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's interface
    ) -> None:
        """Hands the bytes over; requests are short, so nothing waits for them to be sent."""
        if buffer:
            self._asked_again = self._answered
            (await self._open()).transport.write(buffer)

    def _broken(self, error: OSError) -> httpcore2.ReadError:
        return StaleConnectionError(error) if self._asked_again else httpcore2.ReadError(error)

    async def aclose(self) -> None:
        """Ends the connection at once; TLS' polite close would wait for a silent peer."""
        if self._wire is None:
            self._sock.close()
            return
        self._wire.transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's interface
    ) -> httpcore2.AsyncNetworkStream:
        """Raises `CollectError` `tls` or `timeout`; the socket is closed then."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(self._connect_by):
                _, self._wire = await loop.create_connection(
                    _Wire, sock=self._sock, ssl=ssl_context, server_hostname=server_hostname
                )
        except TimeoutError:
            raise connect_timeout(self._host) from None
        except (OSError, ValueError) as error:
            raise _tls_error(self._host, error) from error
        finally:
            if self._wire is None:
                self._sock.close()
        return self

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` as `httpcore2` means it: an idle connection of no more use."""
        if info == "is_readable":
            return self._wire is not None and self._wire.readable
        if info == "ssl_object" and self._wire is not None:
            return self._wire.transport.get_extra_info("ssl_object")
        return None


class _Wire(asyncio.Protocol):
    """Gathers what arrives until somebody reads it."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def readable(self) -> bool:
        """Whether a read would return at once: with data nobody asked for, or at the end."""
        return self._ended or bool(self._buffer)

    async def receive(self, max_bytes: int) -> bytes:
        while not self.readable:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._buffer and self._error is not None:
            raise self._error
        data = bytes(self._buffer[:max_bytes])
        del self._buffer[:max_bytes]
        if len(self._buffer) < BUFFER and not self.transport.is_closing():
            self.transport.resume_reading()
        return data

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass of it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) >= BUFFER:
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def connect_timeout(host: str) -> CollectError:
    """The connection, with the look-up of its name and TLS, took longer than is waited for."""
    return CollectError(
        "timeout",
        f"{host} did not take up the connection in time.",
        mend="check that the address opens in a browser",
        passing=True,
    )


def _tls_error(host: str, error: Exception) -> CollectError:
    if isinstance(error, ssl.SSLCertVerificationError):
        message = f"The certificate of {host} is not valid: {error.verify_message}."
    else:
        message = f"No secure connection to {host} could be made."
    return CollectError(
        "tls", message, mend="Ask who runs the site to renew its certificate or mend its TLS."
    )
