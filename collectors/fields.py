"""Fields of JSON that strangers wrote: each is what it should be, or it is not there."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.contract import Reply

Object = Mapping[str, Any]


def document(reply: Reply) -> Any:
    """The answer's JSON value, or None where it is none."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def answer(reply: Reply) -> Object:
    """The answer's JSON object; an empty one where it is none."""
    found = document(reply)
    return found if isinstance(found, dict) else {}


def inner(value: Object, key: str) -> Object:
    """The object there, or an empty one."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def text(value: Object, key: str) -> str | None:
    """The text there, unless it is blank."""
    found = value.get(key)
    return found if isinstance(found, str) and found.strip() else None


def items(value: Object, key: str) -> Iterator[Object]:
    """The objects in the list there."""
    found = value.get(key)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, dict))


def texts(value: Object, key: str) -> tuple[str, ...]:
    """The texts in the list there."""
    found = value.get(key)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def count(value: Object, key: str) -> int:
    """The number there, or 0."""
    found = value.get(key)
    return found if isinstance(found, int) and found > 0 else 0


def pixels(value: Object, key: str) -> int | None:
    """The length there, if it can be that of a picture's side."""
    return size if 0 < (size := count(value, key)) < 100_000 else None


def moment(value: Object, key: str) -> datetime | None:
    """The ISO time there as aware UTC, or None."""
    found = value.get(key)
    try:
        time = datetime.fromisoformat(found) if isinstance(found, str) else None
        if time is None:
            return None
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
