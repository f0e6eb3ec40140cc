"""A relay on loopback in front of a PostgreSQL server, so that the server can go away."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from sqlalchemy import URL, make_url


class Relay:
    """Passes connections on to `upstream`, until it is cut."""

    def __init__(self, upstream: str | tuple[str, int]) -> None:
        self._upstream = upstream
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        self._port = 0
        self.mend()

    @property
    def port(self) -> int:
        return self._port

    def mend(self) -> None:
        """Takes connections (again)."""
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        listening.listen()
        self._port = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """Ends all connections, and refuses new ones."""
        assert self._listening is not None
        _end(self._listening)
        with self._lock:
            ended, self._open = self._open, set()
        for end in ended:
            _end(end)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = self._connect()
            with self._lock:
                self._open |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _connect(self) -> socket.socket:
        if isinstance(self._upstream, tuple):
            return socket.create_connection(self._upstream)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._upstream)
        return far

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        _end(source)
        _end(target)


def _end(open_socket: socket.socket) -> None:
    with contextlib.suppress(OSError):
        open_socket.shutdown(socket.SHUT_RDWR)
    open_socket.close()


@contextlib.contextmanager
def relayed(url: str) -> Iterator[tuple[str, Relay]]:
    """SQLAlchemy's URL of the same database by way of a relay, and the relay."""
    direct = make_url(url)
    relay = Relay(_upstream(direct))
    try:
        way = direct.set(host="127.0.0.1", port=relay.port, query={})
        yield way.render_as_string(hide_password=False), relay
    finally:
        relay.cut()


def _upstream(url: URL) -> str | tuple[str, int]:
    host = str(url.query.get("host") or url.host or "")
    if host.startswith("/"):
        return f"{host}/.s.PGSQL.{url.port or 5432}"
    return host, url.port or 5432
