"""What can be read of JSON that breaks off, is encoded otherwise, or holds what JSON forbids."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.feeds.decoding import decoded

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*+")
_DECODER = json.JSONDecoder(strict=False)


def read(body: bytes) -> Mapping[str, Any] | None:
    """The feed, or the head and whole items of one that breaks off; None where there is none."""
    text = decoded(body, "")
    whole = _object(text)
    if whole is not None:
        return whole
    items = _ITEMS.search(text)
    head = _object(text[: items.start()].rstrip().removesuffix(",") + "}") if items else None
    if items is None or head is None:
        return None
    found = list(_values(text, items.end()))
    return {**head, "items": found} if found else None


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _values(text: str, at: int) -> Iterator[Any]:
    """One after another, as far as they can be read."""
    while between := _BETWEEN.match(text, at):
        try:
            value, at = _DECODER.raw_decode(text, between.end())
        except (ValueError, RecursionError):
            return
        yield value
