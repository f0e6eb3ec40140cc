"""From a setting's text to the value that is used.

Each function raises `ValueError` where there is no such value.
"""

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql+psycopg"})
_NUMBER = re.compile(r"[0-9]{1,4}")
_NOT_IN_A_URL = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")
_NOT_IN_A_COMMENT = re.compile(r"[^\x20-\x7e]|[()\\]")
_FRAME_SOURCE = re.compile(
    r"'self'|[a-z][a-z0-9+.-]*:|"
    r"([a-z][a-z0-9+.-]*://)?(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*)(:(\*|[0-9]{1,5}))?(/[^\s;,]*)?",
    re.IGNORECASE,
)
"""A source expression of CSP Level 3 §2.3.1, as far as `frame-ancestors` takes it."""


def folder(text: str) -> Path:
    """An absolute path at which no file stands."""
    path = Path(text).expanduser().absolute()
    if not text or (path.exists() and not path.is_dir()):
        raise ValueError(text)
    return path


def database(text: str) -> str:
    """A database that several processes reach, or nothing."""
    if not text:
        return text
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError(text) from None
    if url.drivername not in DRIVERS or url.database in {None, "", ":memory:"}:
        raise ValueError(text)
    return text


def public_url(text: str) -> str:
    """An origin, without the slash at the end: paths begin at the root, in pages and elsewhere."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or _NOT_IN_A_URL.search(text):
        raise ValueError(text)
    if "@" in parts.netloc or "?" in text or "#" in text or parts.path.strip("/"):
        raise ValueError(text)
    _ = parts.port  # raises where it is no number
    return text.rstrip("/")


def count(text: str) -> int:
    """From 1 to 1000."""
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= 1000:
        raise ValueError(text)
    return int(text)


def proxies(text: str) -> str:
    """As uvicorn takes them."""
    for item in filter(None, map(str.strip, text.split(","))):
        if item != "*":
            ipaddress.ip_network(item, strict=False)
    return text


def contact(text: str) -> str:
    """What may stand in a comment of a header (RFC 9110 §5.6.5)."""
    if _NOT_IN_A_COMMENT.search(text):
        raise ValueError(text)
    return text


def log_format(text: str) -> str:
    if text not in {"", "console", "json"}:
        raise ValueError(text)
    return text


def ancestors(text: str) -> str:
    """The value of CSP's `frame-ancestors`."""
    sources = text.split()
    if sources != ["'none'"] and not all(map(_FRAME_SOURCE.fullmatch, sources or [""])):
        raise ValueError(text)
    return " ".join(sources)


def key(text: str) -> str:
    """Long enough not to be guessed, or nothing."""
    if text and len(text) < 16:
        raise ValueError(text)
    return text
