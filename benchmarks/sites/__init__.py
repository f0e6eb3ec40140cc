"""The many hosts that feeds are fetched from: one loopback address each, one port for all."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sites import files, nginx


@dataclass(frozen=True, slots=True)
class Server:
    """A static server under way."""

    name: str
    port: int


@contextlib.contextmanager
def serving(folder: Path, hosts: Sequence[str], state: Path) -> Iterator[Server]:
    """Serves a folder's files on these loopback addresses: by nginx where there is one.

    `state` names a folder that the server may make for itself.
    """
    chosen, name = (nginx, "nginx") if nginx.available() else (files, "httptools on uvloop")
    with chosen.serving(folder, hosts, state) as port:
        yield Server(name, port)
