"""Loopback addresses by number: all of 127.0.0.0/8 answers, so each feed gets its own host."""

from collections.abc import Sequence

MOST = 200 * 250
"""Hosts that can be told apart this way."""


def hosts(count: int) -> Sequence[str]:
    """`127.20.0.1` and so on. Raises `ValueError` beyond `MOST`."""
    if count > MOST:
        raise ValueError(f"{count} hosts are more than the {MOST} there are addresses for")
    return [f"127.20.{number // 250}.{number % 250 + 1}" for number in range(count)]
