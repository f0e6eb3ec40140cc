"""Cursors: where the next page begins, signed and bound to the list they belong to."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import orjson

from models.store.rows import Position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TAG = 12
"""Bytes of the signature that are kept."""


class BadCursor(ValueError):
    """Not one that was given out for this list."""


def encode(position: Position, binding: str, key: bytes) -> str:
    """`binding` names the list: course, filters, order."""
    micros = (position.published_at - _EPOCH) // timedelta(microseconds=1)
    payload = orjson.dumps([micros, position.id, position.responses])
    return urlsafe_b64encode(_signature(payload, binding, key) + payload).decode().rstrip("=")


def decode(text: str, binding: str, key: bytes) -> Position:
    """Raises `BadCursor` for whatever `encode` did not make for this binding and key."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        raise BadCursor from None
    tag, payload = raw[:_TAG], raw[_TAG:]
    if not hmac.compare_digest(tag, _signature(payload, binding, key)):
        raise BadCursor
    if urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise BadCursor  # base64 has several spellings of one value
    micros, post_id, responses = orjson.loads(payload)
    return Position(_EPOCH + timedelta(microseconds=micros), post_id, responses)


def _signature(payload: bytes, binding: str, key: bytes) -> bytes:
    own = hmac.digest(key, b"moocfeed cursor", sha256)
    return hmac.digest(own, binding.encode() + b"\0" + payload, sha256)[:_TAG]
