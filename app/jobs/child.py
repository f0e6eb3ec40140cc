"""The collector beside the web service: a child process, restarted when it dies.

It is spawned, not forked: the parent has threads. It ends when the parent ends, however that was.
"""

import gc
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess

from app import logs, settings, wiring
from app.cli import YOUNG_OBJECTS

STOP_SECONDS = 7.0
"""What the child gets after SIGTERM before it is killed; its own grace is 5 s."""
HEALTHY_SECONDS = 30.0
LONGEST_PAUSE = 30.0

log = logging.getLogger(__name__)


class CollectorChild:
    """Keeps one collector process alive; it logs from `level` on."""

    def __init__(self, environ: Mapping[str, str], *, level: int = logging.INFO) -> None:
        self._arguments = (dict(environ), level)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        """Between starting a process and stopping: none is started after that."""
        self._process: BaseProcess | None = None
        self._thread = threading.Thread(target=self._watch, name="collector-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the collector, by force where it must be."""
        with self._lock:
            self._stopping.set()
        process = self._process
        if process is not None and process.is_alive():
            process.terminate()
            process.join(STOP_SECONDS)
            if process.is_alive():
                process.kill()
        self._thread.join(2)

    def _watch(self) -> None:
        # Ctrl+C reaches all processes of a terminal. The collector inherits this thread's mask, so
        # that it is the parent alone that acts, and that ends it. (The tracker, which any child
        # needs, sets the mask when it starts.)
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        pause = 1.0
        while (process := self._launched()) is not None:
            started = time.monotonic()
            process.join()
            if self._stopping.is_set():
                return
            log.error("the collector ended with %s: restarting it", process.exitcode)
            healthy = time.monotonic() - started > HEALTHY_SECONDS
            pause = 1.0 if healthy else min(LONGEST_PAUSE, pause * 2)
            self._stopping.wait(pause)

    def _launched(self) -> BaseProcess | None:
        """A new process; None once it is time to stop."""
        with self._lock:
            if self._stopping.is_set():
                return None
            self._process = multiprocessing.get_context("spawn").Process(
                target=collect, args=self._arguments, name="moocfeed-collector"
            )
            self._process.start()
            return self._process


def collect(environ: Mapping[str, str], level: int) -> None:
    """The child's main function."""
    from app.jobs import collecting

    gc.set_threshold(YOUNG_OBJECTS)
    end_with_parent()
    chosen = settings.load(environ)
    logs.configure(chosen.log_format, level=level)
    collecting.forever(wiring.build(chosen), until=[signal.SIGTERM])


def end_with_parent() -> None:
    """Ends this process when its parent has gone, killed or not: nothing is orphaned."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()
