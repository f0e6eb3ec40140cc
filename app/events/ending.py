"""Streams end before the server does: it waits for open requests, and they would never end."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def told_first(close: Callable[[], None]) -> Iterator[None]:
    """At SIGTERM and SIGINT calls `close` on the running loop, and then whoever took them before.

    Does nothing outside the main thread, where no signal can be taken.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {signum: signal.getsignal(signum) for signum in SIGNALS}

    def end(signum: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(close)
        handler = before[signal.Signals(signum)]
        if callable(handler):
            handler(signum, frame)

    taken = [signum for signum, handler in before.items() if callable(handler)]
    for signum in taken:
        signal.signal(signum, end)
    try:
        yield
    finally:
        for signum in taken:
            if signal.getsignal(signum) is end:
                signal.signal(signum, before[signum])
