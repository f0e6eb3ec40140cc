"""The many hosts that feeds are fetched from: one loopback address each, one port for all."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import free_port, wait_until_answers
from benchmarks.sites import files, nginx


@dataclass(frozen=True, slots=True)
class Server:
    """A static server under way."""

    name: str
    port: int
    pid: int


@contextlib.contextmanager
def serving(folder: Path, hosts: Sequence[str], state: Path) -> Iterator[Server]:
    """Serves a folder's files on these loopback addresses: by nginx where there is one.

    `state` names a folder that the server may make for itself.
    """
    chosen, name = (nginx, "nginx") if nginx.available() else (files, "httptools on uvloop")
    port = free_port(hosts[0])
    with chosen.serving(folder, hosts, port, state) as process:
        wait_until_answers(hosts[-1], port, process)
        yield Server(name, port, process.pid)
