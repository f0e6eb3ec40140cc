"""`moocfeed serve` as users meet it: started on a free port, asked over one kept connection."""

import contextlib
import http.client
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from benchmarks.installation import COMMAND, Installation
from benchmarks.processes import Process, ended, free_port, wait_until_answers

ASIDE = {"Cookie": "aside=1"}
"""A request with this goes past the cache: it is rendered anew."""

KEPT = 2.0
"""Seconds after which an idle connection is made anew; the service closes it after five."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and how long it took from the request's first byte to its own last, in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.body)


class Service:
    """A web service under way."""

    def __init__(self, port: int, process: Process) -> None:
        self.port = port
        self.process = process
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._asked = 0.0

    def get(self, path: str, headers: Mapping[str, str] = ASIDE) -> Reply:
        """Raises `RuntimeError` for another status than 200."""
        if self._connection.sock is None or time.monotonic() - self._asked > KEPT:
            self._connection.close()
            self._connection.connect()
        started = time.perf_counter()
        self._connection.request("GET", path, headers=dict(headers))
        response = self._connection.getresponse()
        body = response.read()
        spent = time.perf_counter() - started
        self._asked = time.monotonic()
        if response.status != 200:
            raise RuntimeError(f"GET {path}: {response.status} {body[:200]!r}")
        return Reply(response.status, dict(response.getheaders()), body, spent)

    def follow(self, path: str, pages: int) -> str:
        """The path of the page so many pages after this one."""
        for _ in range(pages):
            parts = urlsplit(self.get(path).json()["next"])
            path = f"{parts.path}?{parts.query}"
        return path


@contextlib.contextmanager
def serving(installation: Installation) -> Iterator[Service]:
    """One web process without a collector, until the block ends."""
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port), "--no-collect"],
        env=installation.environment,
        cwd=installation.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with ended(process):
        wait_until_answers("127.0.0.1", port, process)
        yield Service(port, process)
