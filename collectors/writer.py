"""The one writer of a collector: a thread that turns whatever has queued up into one transaction.

SQLite has room for one writer, and on PostgreSQL a commit for each of two thousand unchanged feeds
would cost more than fetching them. What is queued while a transaction runs makes up the next one,
with what comes within as long again.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from models.store.absence import is_away
from models.store.engine import Database, ping

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")

MOST = 100
"""Items in one transaction: what a crash may undo, and how long readers wait for it."""
LONGEST_WAIT = 0.1
"""Seconds for which further items are waited for. Most of what a small transaction costs, it costs
whether it writes one feed or twenty.
"""

Handler = Callable[[Session, Sequence[I]], Sequence[R]]
"""Writes items of one kind; returns one result for each."""


@dataclass(frozen=True, slots=True)
class _Job:
    handler: Handler[Any, Any]
    item: Any
    done: Future[Any]


class Writer:
    """Runs handlers in transactions of its own thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    async def put(self, handler: Handler[I, R], item: I) -> R:
        """`handler`'s result for `item`, once it is committed.

        Items put for one handler at about the same time reach it together. Raises what the handler
        raised, or that the database is away; then nothing of this item was written.
        """
        if not self._thread.is_alive():
            raise RuntimeError("this writer is closed")
        done: Future[R] = Future()
        self._queue.put(_Job(handler, item, done))
        return await asyncio.wrap_future(done)

    def close(self) -> None:
        """Ends after everything put so far is written."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        going_on, took = True, 0.0
        while going_on:
            jobs = self._gathered(min(took, LONGEST_WAIT))
            going_on = None not in jobs
            started = monotonic()
            self._write([job for job in jobs if job is not None and not job.done.cancelled()])
            took = monotonic() - started

    def _gathered(self, wait: float) -> list[_Job | None]:
        """Whatever is there after this many seconds; None among it ends the writer."""
        jobs = [self._queue.get()]
        if jobs[0] is not None and self._queue.qsize() < MOST:
            sleep(wait)
        while len(jobs) < MOST and not self._queue.empty():
            jobs.append(self._queue.get())
        return jobs

    def _write(self, jobs: Sequence[_Job]) -> None:
        if not jobs:
            return
        try:
            results = self._transaction(jobs)
        except Exception as error:
            if len(jobs) == 1:
                _settle(jobs[0].done, error=error)
            else:
                self._write_each(jobs, error)
            return
        for job, result in zip(jobs, results, strict=True):
            _settle(job.done, result=result)

    def _write_each(self, jobs: Sequence[_Job], error: Exception | None) -> None:
        """After all together failed: one of them is at fault, unless the database is away."""
        for at, job in enumerate(jobs):
            if error is not None and self._is_gone(error):
                for waiting in jobs[at:]:
                    _settle(waiting.done, error=error)
                return
            error = None
            try:
                (result,) = self._transaction([job])
            except Exception as own:
                error = own
                _settle(job.done, error=own)
            else:
                _settle(job.done, result=result)

    def _is_gone(self, error: Exception) -> bool:
        """Whether any further try would only wait for the database, as long as this one did."""
        if not is_away(error):
            return False
        try:
            with self._database.writing() as session:
                ping(session)
        except SQLAlchemyError:
            return True
        return False

    def _transaction(self, jobs: Sequence[_Job]) -> list[Any]:
        by_handler: dict[Handler[Any, Any], list[int]] = {}
        for at, job in enumerate(jobs):
            by_handler.setdefault(job.handler, []).append(at)
        results: list[Any] = [None] * len(jobs)
        with self._database.writing() as session:
            for handler, places in by_handler.items():
                found = handler(session, [jobs[at].item for at in places])
                for at, result in zip(places, found, strict=True):
                    results[at] = result
        return results


def _settle(done: Future[Any], *, result: Any = None, error: Exception | None = None) -> None:
    if not done.set_running_or_notify_cancel():
        return  # whoever asked has gone
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)
