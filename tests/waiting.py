"""Waiting for what happens in its own time: in another thread, another process."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONGEST = 60.0
"""Seconds that anything here may take."""


def wait_for(condition: Callable[[], T | None], seconds: float = LONGEST) -> T:
    """The first truthy value of `condition()`."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"did not happen within {seconds:g} s")
