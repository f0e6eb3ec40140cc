"""What tests let parse workers do; in a module of its own, because workers import it."""

import logging
import os
import signal
import sys
import time
from typing import Any

from collectors.contract import CollectError, Reply
from collectors.feeds import read_feed
from collectors.microformats import entries


def double(number: int) -> int:
    return 2 * number


def pid() -> int:
    return os.getpid()


def environment() -> dict[str, str]:
    return dict(os.environ)


def loaded_by_feed(reply: Reply) -> list[str]:
    """Modules that this worker had to load to read a feed."""
    before = set(sys.modules)
    read_feed(reply.url, reply)
    return sorted(set(sys.modules) - before)


def loaded_by_page(reply: Reply) -> list[str]:
    """Modules that this worker had to load to read a page's microformats."""
    before = set(sys.modules)
    assert list(entries(reply))
    return sorted(set(sys.modules) - before)


def spin() -> None:
    """Works for ever, in C code that never looks up."""
    sum(range(10**15))


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def die(signum: int = signal.SIGKILL) -> None:
    os.kill(os.getpid(), signum)


def leave(code: int) -> None:
    os._exit(code)


def hoard(mebibytes: int) -> int:
    return len(bytearray(mebibytes * 1024 * 1024))


def fail() -> None:
    raise LookupError("a fault of our own")


def refuse() -> None:
    raise CollectError("no-use", "this is of no use", mend="use another", retry_after=7.0)


def say(text: str) -> None:
    logging.getLogger("collectors.sample").warning("%s", text)
    print(text)


def odd() -> Any:
    """A value that cannot travel."""
    return lambda: None


def large(mebibytes: int) -> bytes:
    return os.urandom(mebibytes * 1024 * 1024)
