"""The processes that parse: a fork server with the parsers loaded, and the workers it forks.

`collectors.parsing.ParserPool` runs this module as `python -m collectors.workers FD SETUP`; FD is
one end of a socket pair, SETUP a `Setup` as JSON. Each socket that comes over it gets a worker at
its other end. The server keeps a copy of the worker's end, and by that alone learns and tells all:

* the pool closed its end, or died: the worker is killed at once, also in the midst of C code;
* the worker died: the pool reads an obituary with the exit code where it awaits the answer;
* the pool's end of FD closed, or the pool died: all workers are killed, and the server ends.
"""

import contextlib
import gc
import importlib
import json
import logging
import logging.handlers
import os
import pickle
import queue
import resource
import select
import signal
import socket
import struct
import sys
import traceback
from dataclasses import dataclass

from collectors.contract import CollectError

HEADER = struct.Struct("!ci")
"""Before each message: its kind, and its length in bytes (of an obituary: the exit code)."""
JOB, ANSWER, LAST_ANSWER, OBITUARY = b"J", b"A", b"L", b"D"
ANSWER_LIMIT = 32 * 1024 * 1024
"""Bytes of a pickled answer: the collector itself has to hold it."""
RECORDS_LIMIT = 20
"""Log records that one job may send."""

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024

Records = queue.SimpleQueue[logging.LogRecord]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a pool asks of its workers."""

    seconds: float
    """CPU seconds for one job; more ends the worker by SIGPROF."""
    memory: int
    """Bytes of writable memory a worker may map (`RLIMIT_DATA`)."""
    resident: int
    """Peak bytes of resident memory after which a worker hands in its last answer."""
    preload: tuple[str, ...]
    """Modules to import once, before the first fork."""


class ForkServer:
    """Forks a worker for each socket that comes over `link`, and kills and buries them."""

    def __init__(self, link: socket.socket, setup: Setup) -> None:
        self._link = link
        self._setup = setup
        self._wake, self._alarm = socket.socketpair()
        self._workers: dict[int, socket.socket] = {}
        """pid -> our copy of the worker's end."""
        self._poll = select.poll()

    def serve(self) -> None:
        """Returns when the pool's end of the link is closed."""
        self._alarm.setblocking(False)
        signal.set_wakeup_fd(self._alarm.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._poll.register(self._link, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)
        try:
            while self._turn({fd for fd, _ in self._poll.poll()}):
                pass
        finally:
            signal.set_wakeup_fd(-1)
            for pid in self._workers:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)  # its CPU time counts in ours

    def _turn(self, ready: set[int]) -> bool:
        # In this order: a descriptor closed here may come again as a new worker's.
        for pid, end in self._workers.items():
            if end.fileno() in ready:
                os.kill(pid, signal.SIGKILL)
                self._poll.unregister(end)
        if self._wake.fileno() in ready:
            self._wake.recv(4096)
            self._bury()
        return self._link.fileno() not in ready or self._accept()

    def _accept(self) -> bool:
        message, fds, _, _ = socket.recv_fds(self._link, 1, 1)
        for fd in fds:
            self._fork(socket.socket(fileno=fd))
        return bool(message)

    def _fork(self, end: socket.socket) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_worker(end)
        self._workers[pid] = end
        self._poll.register(end, 0)  # hang-up is always reported

    def _become_worker(self, end: socket.socket) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self._link, self._wake, self._alarm, *self._workers.values()):
                other.close()
            work(end, self._setup)
            code = 0
        except ConnectionError:
            code = 0  # nobody waits for the answer any more
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)  # what the server registered to run at exit is not the worker's

    def _bury(self) -> None:
        while self._workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            obituary = HEADER.pack(OBITUARY, os.waitstatus_to_exitcode(status))
            with self._workers.pop(pid) as end, contextlib.suppress(OSError, KeyError):
                # OSError: the pool's end is closed. KeyError: so it is no longer polled.
                end.send(obituary, socket.MSG_DONTWAIT)
                self._poll.unregister(end)


def work(end: socket.socket, setup: Setup) -> None:
    """Answers jobs until the pool closes its end, or memory has grown too large."""
    resource.setrlimit(resource.RLIMIT_DATA, (setup.memory, setup.memory))
    records: Records = queue.SimpleQueue()
    logging.getLogger().addHandler(logging.handlers.QueueHandler(records))
    tired = False
    while not tired and (job := _receive(end)) is not None:
        signal.setitimer(signal.ITIMER_PROF, setup.seconds)
        answer = perform(job, records)
        signal.setitimer(signal.ITIMER_PROF, 0)
        tired = _peak_resident() > setup.resident
        end.sendall(HEADER.pack(LAST_ANSWER if tired else ANSWER, len(answer)) + answer)


def perform(job: bytes, records: Records) -> bytes:
    """A pickled (function, arguments) -> a pickled (value or CollectError, log records)."""
    try:
        function, args = pickle.loads(job)  # noqa: S301 - our own parent wrote it
        return _pack(function(*args), records)
    except CollectError as error:
        return _pack(error, records)
    except MemoryError:
        return _pack(_failed("reading the answer takes more memory than one source may use"))
    except Exception as error:
        log.exception("a parse job failed")
        return _pack(_failed(f"the answer could not be read ({type(error).__name__})"), records)


def _failed(sentence: str) -> CollectError:
    return CollectError("parse-failed", sentence, mend="the collector's log has the details")


def _pack(value: object, records: Records | None = None) -> bytes:
    kept: list[logging.LogRecord] = []
    while records is not None and not records.empty():
        kept.append(records.get())
    answer = pickle.dumps((value, kept[:RECORDS_LIMIT]), pickle.HIGHEST_PROTOCOL)
    if len(answer) > ANSWER_LIMIT:
        return _pack(_failed(f"what was read from the answer is too large ({len(answer)} bytes)"))
    return answer


def _receive(end: socket.socket) -> bytes | None:
    header = end.recv(HEADER.size, socket.MSG_WAITALL)
    if len(header) < HEADER.size:
        return None
    _, size = HEADER.unpack(header)
    job = end.recv(size, socket.MSG_WAITALL)
    return job if len(job) == size else None


def _peak_resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_UNIT


def main(fd: str, setup: str) -> None:
    """Runs a fork server; whether it ends is the pool's affair, not the terminal's or systemd's."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    settings = Setup(**json.loads(setup))
    for module in settings.preload:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # collections in a worker would copy every page they touch
    ForkServer(socket.socket(fileno=int(fd)), settings).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
