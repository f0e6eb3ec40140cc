"""A static server for machines without nginx: httptools on uvloop, all files in memory.

Run as `python -m benchmarks.sites.files FOLDER PORT`; the addresses come over standard input.
"""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import httptools
import uvloop

from benchmarks.processes import Process, ended, environment

_TYPES = {".json": "application/feed+json", ".html": "text/html"}


@contextmanager
def serving(folder: Path, hosts: Sequence[str], port: int, state: Path) -> Iterator[Process]:
    """Serves a folder's files on these addresses until the block ends."""
    command = [sys.executable, "-m", "benchmarks.sites.files", str(folder), str(port)]
    with ended(subprocess.Popen(command, stdin=subprocess.PIPE, env=environment())) as process:
        assert process.stdin is not None
        process.stdin.write("\n".join(hosts).encode())
        process.stdin.close()
        yield process


class _File:
    """A file's two answers, ready to be sent."""

    def __init__(self, path: Path) -> None:
        body = path.read_bytes()
        self.etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'.encode()
        kind = _TYPES.get(path.suffix, "application/xml").encode()
        head = b"ETag: %b\r\nContent-Type: %b\r\n" % (self.etag, kind)
        self.whole = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n" % (head, len(body)) + body
        self.unchanged = b"HTTP/1.1 304 Not Modified\r\n%b\r\n" % head


_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class _Connection(asyncio.Protocol):
    """Reads requests one after another; names of methods are httptools'."""

    def __init__(self, files: Mapping[bytes, _File]) -> None:
        self._files = files
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._known = b"", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.close()

    def on_message_begin(self) -> None:
        self._url, self._known = b"", b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"if-none-match":
            self._known = value

    def on_message_complete(self) -> None:
        self._transport.write(self._answer())
        if not self._parser.should_keep_alive():
            self._transport.close()

    def _answer(self) -> bytes:
        file = self._files.get(self._url)
        if file is None:
            return _NOT_FOUND
        return file.unchanged if self._known == file.etag else file.whole


def _files(folder: Path) -> Mapping[bytes, _File]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {b"/" + str(path.relative_to(folder)).encode(): _File(path) for path in paths}


async def _serve(files: Mapping[bytes, _File], port: int, hosts: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: _Connection(files), hosts, port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(_files(Path(sys.argv[1])), int(sys.argv[2]), sys.stdin.read().split()))
