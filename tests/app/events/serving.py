"""The application under a real server, in a thread of the test, and readers on plain sockets."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import uvicorn
from starlette.types import ASGIApp

from tests.app.events.reading import Reader
from tests.waiting import LONGEST, wait_for

EVENTS = "/api/v1/courses/sample/events"


@dataclass
class Door:
    """Where the application answers."""

    port: int
    streams: "list[Stream]" = field(default_factory=list)

    def open(
        self,
        reader: Reader | None = None,
        path: str = EVENTS,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> "Stream":
        """A stream; from where its reader is, unless the headers say something else."""
        stream = Stream(self.port, path, reader or Reader(), headers)
        self.streams.append(stream)
        return stream


class Stream:
    """A connection that reads on until it is closed."""

    def __init__(self, port: int, path: str, reader: Reader, headers: Mapping[str, str]) -> None:
        self.reader = reader
        self.is_over = False
        self.is_complete = False
        """Whether it ended as an answer ends, and not by a lost connection."""
        reader.connect()
        if reader.last is not None:
            headers = {"Last-Event-ID": reader.last, **headers}
        lines = [f"GET {path} HTTP/1.1", "Host: testserver"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=LONGEST)
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.headers[name] = value
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            while size := int(self._file.readline() or b"0", 16):
                self.reader.feed(self._file.read(size))
                self._file.readline()
            self.is_complete = self._file.readline() == b"\r\n"
        except (OSError, ValueError):
            pass  # closed, from this side or that
        finally:
            self.is_over = True

    def hears(self, revision: int) -> None:
        """Waits until it knows of a revision."""
        wait_for(lambda: self.reader.last is not None and int(self.reader.last) >= revision)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the other side was faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._file.close()
        self._socket.close()


@contextlib.contextmanager
def served(app: ASGIApp) -> Iterator[Door]:
    """The application at a free port until the block ends; its streams are closed first."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, http="httptools", loop="asyncio"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    door = Door(listening.getsockname()[1])
    try:
        wait_for(lambda: server.started)
        yield door
    finally:
        for stream in door.streams:
            stream.close()
        server.should_exit = True
        thread.join()
        listening.close()
