"""Streams are told of a signal before the server is, and the server as ever."""

import asyncio
import os
import signal
import threading
from types import FrameType
from typing import Any

import pytest

from app.events.ending import SIGNALS, told_first


@pytest.mark.parametrize("signum", SIGNALS)
def test_both_are_told(signum: signal.Signals) -> None:
    server: list[int] = []

    def take(number: int, _frame: FrameType | None) -> None:
        server.append(number)

    async def story() -> None:
        ended = asyncio.Event()
        with told_first(ended.set):
            os.kill(os.getpid(), signum)
            async with asyncio.timeout(20):
                await ended.wait()
        assert signal.getsignal(signum) is take

    async def with_handler() -> None:
        # asyncio.run has a handler of its own for SIGINT, which it puts back.
        before = signal.signal(signum, take)
        try:
            await story()
        finally:
            signal.signal(signum, before)

    asyncio.run(with_handler())
    assert server == [signum]


def test_elsewhere_signals_are_left_alone() -> None:
    before = [signal.getsignal(signum) for signum in SIGNALS]

    def within() -> None:
        with told_first(lambda: None):
            found.extend(signal.getsignal(signum) for signum in SIGNALS)

    found: list[Any] = []
    thread = threading.Thread(target=within)
    thread.start()
    thread.join()
    assert found == before
