"""A pool of parse workers that may be killed at any time without harm to any other job.

What strangers publish is parsed outside the collector: a job may loop inside C code, crash or eat
memory. It then ends with its own worker, as a `CollectError`; the others go on, and the next job
gets a new worker (a few milliseconds). `collectors.workers` is the other side.
"""

import asyncio
import contextlib
import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self, TypeVar

from collectors.contract import CollectError
from collectors.workers import HEADER, JOB, LAST_ANSWER, OBITUARY, Setup

T = TypeVar("T")

MEBIBYTE = 1024 * 1024
PARSERS = (
    "collectors.reading",
    "collectors.feeds.fast",
    "collectors.feeds.jsonfeed",
    "collectors.feeds.slow",
    "mf2py",
    "xml.sax.expatreader",
)
"""What reading takes, also what functions import: loaded once, and shared by all workers."""
PATIENCE = 3
"""Wall time a job may take, in multiples of its CPU time: sleeping costs no CPU."""

_ENVIRONMENT = ("PATH", "TZ", "LANG", "LC_", "LD_", "DYLD_", "PYTHON")
"""Beginnings of the variables that workers see: no passwords, keys or database addresses."""


class ParserPool:
    """Runs functions in up to `workers` processes, which are started when first needed.

    A job gets `seconds` of CPU and `memory` bytes; a worker that once held `resident` bytes is
    replaced after its job. To be used from one event loop, and closed, best as a context manager.
    """

    def __init__(
        self,
        workers: int,
        seconds: float = 10.0,
        *,
        memory: int = 512 * MEBIBYTE,
        resident: int = 90 * MEBIBYTE,
        preload: Sequence[str] = PARSERS,
    ) -> None:
        self._setup = Setup(seconds, memory, resident, tuple(preload))
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[socket.socket] = []
        self._server: _Server | None = None
        self._closed = False

    async def run(self, fn: Callable[..., T], *args: Any) -> T:
        """`fn(*args)`, computed in a worker; `fn`, `args` and the value must be picklable.

        Raises `CollectError`: `fn`'s own, or `parse-timeout` (more than `seconds`), `parse-crash`
        (its worker died), `parse-failed` (any other exception, which is logged).
        """
        job = pickle.dumps((fn, args), pickle.HIGHEST_PROTOCOL)
        async with self._slots:
            message = await self._answer(job)
        value, records = _unpack(message)
        _hand_on(records)
        if isinstance(value, CollectError):
            raise value
        return value  # type: ignore[no-any-return]  # what `fn` returned

    def close(self) -> None:
        """Ends all workers at once; jobs under way end as `parse-crash`."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        if self._server is not None:
            self._server.close()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def _answer(self, job: bytes) -> bytearray:
        """By a worker that is there already; by a new one where that dies.

        It may have died while it had nothing to do, or of what earlier jobs had left in it.
        """
        worker = self._known_worker()
        if worker is not None:
            with contextlib.suppress(_Died):
                return await self._exchange(worker, job)
        try:
            return await self._exchange(self._fork(), job)
        except _Died as death:
            raise CollectError(
                "parse-crash",
                f"the process that read the answer ended ({death})",
                mend="look at the answer in a feed validator",
            ) from None

    def _known_worker(self) -> socket.socket | None:
        while self._idle:
            worker = self._idle.pop()
            if _is_quiet(worker):
                return worker
            worker.close()
        return None

    def _fork(self) -> socket.socket:
        if self._closed:
            raise RuntimeError("this parser pool is closed")
        if self._server is not None and not self._server.is_alive():
            self._server.close()
            self._server = None
        if self._server is None:
            self._server = _Server(self._setup)
        return self._server.fork()

    def _take_back(self, worker: socket.socket, *, tired: bool) -> None:
        if tired or self._closed:
            worker.close()
        else:
            self._idle.append(worker)

    async def _exchange(self, worker: socket.socket, job: bytes) -> bytearray:
        """Raises `_Died`, and `CollectError` where the job took too long."""
        try:
            async with asyncio.timeout(PATIENCE * self._setup.seconds):
                with contextlib.suppress(ConnectionError):  # the obituary can still be read
                    await _send(worker, job)
                kind, message = await _receive(worker)
        except BaseException as error:
            worker.close()  # which kills it: its answer is nobody's any more
            if isinstance(error, TimeoutError) or _is_out_of_time(error):
                raise self._too_slow() from None
            raise
        self._take_back(worker, tired=kind == LAST_ANSWER)
        return message

    def _too_slow(self) -> CollectError:
        return CollectError(
            "parse-timeout",
            f"reading the answer took more than {self._setup.seconds:g} s and was given up",
            mend="look at the answer in a feed validator; a shorter feed helps",
        )


class _Died(Exception):
    """The worker ended; `exit_code` is minus the signal, or None where nobody could tell."""

    def __init__(self, exit_code: int | None) -> None:
        self.exit_code = exit_code
        reason = "no fork server" if exit_code is None else f"exit code {exit_code}"
        if exit_code is not None and exit_code < 0:
            reason = signal.Signals(-exit_code).name
        super().__init__(reason)


def _is_out_of_time(error: BaseException) -> bool:
    return isinstance(error, _Died) and error.exit_code == -signal.SIGPROF


class _Server:
    """The fork server's process, seen from the pool."""

    def __init__(self, setup: Setup) -> None:
        self._link, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), json.dumps(asdict(setup))]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "collectors.workers", *arguments],
                env=_environment(),
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl+C in a terminal is the collector's to act upon
                stdin=subprocess.DEVNULL,
                stdout=2,  # standard output is for data, whatever a parser prints
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def fork(self) -> socket.socket:
        """The pool's end of a new worker, which may take jobs before it is up."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs, contextlib.suppress(ConnectionError):  # then `ours` tells the end
            socket.send_fds(self._link, [b"f"], [theirs.fileno()])
        return ours

    def close(self) -> None:
        self._link.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.startswith(_ENVIRONMENT)}
    return kept | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}


def _is_quiet(worker: socket.socket) -> bool:
    try:
        worker.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


async def _send(worker: socket.socket, job: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(worker, HEADER.pack(JOB, len(job)) + job)


async def _receive(worker: socket.socket) -> tuple[bytes, bytearray]:
    kind, size = HEADER.unpack(await _exactly(worker, HEADER.size))
    if kind == OBITUARY:
        raise _Died(size)
    return kind, await _exactly(worker, size)


async def _exactly(worker: socket.socket, size: int) -> bytearray:
    loop = asyncio.get_running_loop()
    message = bytearray(size)
    rest = memoryview(message)
    while rest:
        try:
            got = await loop.sock_recv_into(worker, rest)
        except ConnectionError:
            got = 0
        if got == 0:
            raise _Died(None)
        rest = rest[got:]
    return message


def _unpack(message: bytearray) -> tuple[Any, list[logging.LogRecord]]:
    try:
        value, records = pickle.loads(message)  # noqa: S301 - our own worker wrote it
    except Exception as error:
        raise CollectError("parse-crash", f"a worker's answer is damaged ({error})") from error
    return value, records


def _hand_on(records: list[logging.LogRecord]) -> None:
    for record in records:
        logger = logging.getLogger(record.name)
        if logger.isEnabledFor(record.levelno):
            logger.handle(record)
