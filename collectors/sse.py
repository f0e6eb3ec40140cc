"""Event streams, taken apart as they come. Pure.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

import codecs
import re

from collectors.contract import CollectError, Event

LIMIT = 1024 * 1024
"""Characters without an event: a status with all its pictures has a few thousand."""
_END = re.compile(r"\r\n|\n|\r")


class EventStream:
    """One stream, from its first byte; chunks may end anywhere, also within a character."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = False
        self._after_cr = False
        self._open: list[str] = []
        self._name = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that this chunk completes; comments are none. Raises `CollectError`
        `too-large`. What follows the last blank line when the stream ends counts for nothing.
        """
        lines = self._lines(self._decoder.decode(chunk))
        return [event for line in lines if (event := self._line(line)) is not None]

    def _lines(self, text: str) -> list[str]:
        """The lines that are complete by now; a CR ends one, and an LF after it is none."""
        if not text:
            return []
        if self._after_cr:
            text = text.removeprefix("\n")
        elif not self._begun:
            text = text.removeprefix("\ufeff")
        self._begun = True
        self._after_cr = text.endswith("\r")
        first, *rest = _END.split(text)
        self._grow(len(text))
        self._open.append(first)
        if not rest:
            return []
        complete = ["".join(self._open), *rest[:-1]]
        self._open = [rest[-1]]
        return complete

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        if not field:
            self._size -= len(line) + 1  # comments come for ever, and nothing is kept of them
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        return None

    def _dispatch(self) -> Event | None:
        name, data = self._name or "message", self._data
        self._name, self._data, self._size = "", [], 0
        return Event(name, "\n".join(data)) if data else None

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > LIMIT:
            raise CollectError(
                "too-large",
                "the stream sent an event of more than a million characters",
                mend="It is opened again later by itself.",
            )
