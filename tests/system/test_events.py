"""Event streams of the running service: over kills, signals, several processes, and proxies."""

import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.wiring import Services
from models.store import courses
from tests.app.conftest import entry, fill, made, publish
from tests.app.events.reading import Reader
from tests.app.events.serving import EVENTS, Stream
from tests.system.service import Installation, answers, end, free_port
from tests.waiting import LONGEST, wait_for

pytestmark = pytest.mark.system


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """What writes into the service's database, as a collector does."""
    made_here = made(tmp_path)
    fill(made_here)
    yield made_here
    made_here.database.dispose()


@dataclass
class Service:
    """`moocfeed serve` on a port that stays the same over restarts."""

    installation: Installation
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[str]" = field(init=False)

    def start(self, *arguments: str) -> None:
        given = ("serve", "--port", str(self.port), "--no-collect", *arguments)
        self.process = self.installation.start(*given)
        wait_for(lambda: answers(f"http://127.0.0.1:{self.port}/readyz"))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def open(self, reader: Reader, port: int | None = None) -> Stream:
        return Stream(port or self.port, EVENTS, reader, {})


@pytest.fixture
def service(services: Services, tmp_path: Path) -> Iterator[Service]:
    made_here = Service(Installation(tmp_path, services.settings.environ()))
    made_here.start()
    yield made_here
    end(made_here.process)


def write(services: Services, *numbers: int) -> int:
    """Publishes these posts one by one; the course's revision afterwards."""
    at = datetime.now(UTC) - timedelta(minutes=1)
    for number in numbers:
        post = entry("ben.example", number, at, f"Nummer {number}")
        publish(services, "https://ben.example/feed", post)
    with services.database.reading() as session:
        return courses.plain_course(session, "sample").revision


def test_killed_and_started_again_without_a_gap(service: Service, services: Services) -> None:
    reader = Reader()
    begin = write(services, 2)
    stream = service.open(reader)
    stream.hears(begin - 1)
    for number in (3, 5, 7):
        stream.hears(write(services, number))
        service.kill()
        stream.close()
        last = write(services, number + 1)
        service.start()
        stream = service.open(reader)
        stream.hears(last)
    stream.close()
    assert reader.begin is not None
    assert reader.revisions == list(range(reader.begin + 1, last + 1))


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_streams_end_with_the_service(
    service: Service, services: Services, signum: signal.Signals, workers: str
) -> None:
    """As answers end, so that nobody takes it for a failure; and the service does not wait."""
    end(service.process)
    service.start("--workers", workers)
    opened = [service.open(Reader()) for _ in range(20)]
    revision = write(services, 2)
    for stream in opened:
        stream.hears(revision)
    service.process.send_signal(signum)
    _, err = service.process.communicate(timeout=LONGEST)
    for stream in opened:
        wait_for(lambda: stream.is_over)  # noqa: B023
        stream.close()
    assert all(stream.is_complete for stream in opened)
    assert service.process.returncode == 0
    assert "exceeded" not in err
    assert "Traceback" not in err


def test_from_one_process_to_another(service: Service, services: Services) -> None:
    """They hear of a change at different moments, and their readers come to either."""
    end(service.process)
    service.start("--workers", "2")
    reader = Reader()
    for number in range(2, 12):
        stream = service.open(reader)
        wait_for(lambda: reader.last is not None)
        stream.hears(write(services, number))
        stream.close()
    assert reader.begin is not None
    assert reader.last is not None
    assert reader.revisions == list(range(reader.begin + 1, int(reader.last) + 1))


class Buffering:
    """A proxy that passes on the head, and of the body only full buffers, until it is told to let
    everything through.
    """

    def __init__(self, upstream: int, size: int) -> None:
        self._size = size
        self._upstream = upstream
        self._open = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.held = self.seen = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def let_through(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        near, _ = self._listening.accept()
        with near, socket.create_connection(("127.0.0.1", self._upstream)) as far:
            far.sendall(near.recv(65536))
            self._pass_head(near, far)
            far.settimeout(0.02)
            while True:
                with suppress(TimeoutError):
                    data = far.recv(65536)
                    if not data:
                        return
                    self.held += data
                    self.seen += data
                if not self._pass_on(near):
                    return

    def _pass_head(self, near: socket.socket, far: socket.socket) -> None:
        got = b""
        while b"\r\n\r\n" not in got:
            got += far.recv(65536)
        head, end, self.held = got.partition(b"\r\n\r\n")
        near.sendall(head + end)

    def _pass_on(self, near: socket.socket) -> bool:
        """False once nobody is there."""
        while len(self.held) >= self._size or (self.held and self._open.is_set()):
            lump, self.held = self.held[: self._size], self.held[self._size :]
            try:
                near.sendall(lump)
            except OSError:
                return False
        return True


@contextmanager
def buffering(upstream: int, size: int) -> Iterator[Buffering]:
    proxy = Buffering(upstream, size)
    try:
        yield proxy
    finally:
        proxy.close()


def test_a_proxy_that_holds_things_back(service: Service, services: Services) -> None:
    """What comes late comes in order; what it lost is told again."""
    before = write(services, 2)
    reader = Reader(last=str(before))
    with buffering(service.port, 700) as proxy:
        stream = service.open(reader, proxy.port)
        last = write(services, 3, 4, 5)
        wait_for(lambda: f"id: {last}\n".encode() in proxy.seen)
        stream.close()
    with buffering(service.port, 10**6) as proxy:
        stream = service.open(reader, proxy.port)
        last = write(services, 6)
        wait_for(lambda: f"id: {last}\n".encode() in proxy.held)
        assert reader.last != str(last)
        proxy.let_through()
        stream.hears(last)
        stream.close()
    assert reader.revisions == list(range(before + 1, last + 1))
