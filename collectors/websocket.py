"""A WebSocket over a connection of the guard's. https://www.rfc-editor.org/rfc/rfc6455

`websockets` knows the protocol, and is given bytes only.
"""

import logging
from collections.abc import Sequence

import httpcore2
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import Event
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from collectors.contract import CollectError
from collectors.http import HttpError

READ = 65_536
TEXT = frozenset({Opcode.TEXT, Opcode.CONT})

_silent = logging.getLogger(f"{__name__}.silent")
_silent.setLevel(logging.CRITICAL)  # the library would log the token along with the request


class WebSocket:
    """The client's end, over a connected stream; a message has a million bytes at the most."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, url: str, host: str) -> None:
        """`url` is http(s); `host` stands in messages."""
        self._stream = stream
        self._host = host
        self._protocol = ClientProtocol(parse_uri("ws" + url.removeprefix("http")), logger=_silent)
        self._parts: list[bytes] = []
        self._early: list[str] = []

    async def shake_hands(self, token: str, user_agent: str) -> None:
        """Opens it; the token goes along in both ways that servers know.

        Raises `HttpError`, and `CollectError` `no-stream` where the answer is none.
        """
        self._protocol.available_subprotocols = [Subprotocol(token)]
        request = self._protocol.connect()
        request.headers["Authorization"] = f"Bearer {token}"
        request.headers["User-Agent"] = user_agent
        self._protocol.send_request(request)
        await self._send()
        events: list[Event] = []
        while not events and self._protocol.handshake_exc is None:
            events = await self._exchange()
        fault = self._protocol.handshake_exc
        if isinstance(fault, InvalidStatus):
            raise HttpError(fault.response.status_code, self._host)
        if fault is not None:
            raise CollectError(
                "no-stream", f"{self._host} does not open a WebSocket", mend="It is polled instead."
            )
        self._early = self._messages(events)

    async def receive(self) -> list[str] | None:
        """The messages that the next bytes complete, none for a ping; None at the end."""
        if found := self._early:
            self._early = []
            return found
        events = await self._exchange()
        if not events and self._protocol.close_expected():
            return None
        return self._messages(events)

    async def _exchange(self) -> list[Event]:
        """Reads once, and answers what wants an answer: pings, the end."""
        if data := await self._stream.read(READ):
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        await self._send()
        return self._protocol.events_received()

    async def _send(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                await self._stream.write(data)

    def _messages(self, events: Sequence[Event]) -> list[str]:
        found: list[str] = []
        for event in events:
            if isinstance(event, Frame) and event.opcode in TEXT:
                self._parts.append(bytes(event.data))
                if event.fin:
                    found.append(b"".join(self._parts).decode("utf-8", "replace"))
                    self._parts = []
        return found
