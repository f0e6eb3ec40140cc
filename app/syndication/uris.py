"""Addresses as RFC 3986 has them: RSS knows no others, and readers stumble over the rest."""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

import idna

_PLAIN = re.compile(
    r"https?://[a-z0-9.-]+(?::\d+)?/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*", re.ASCII
)
"""Addresses that stay as they are: most do."""
_PATH, _REST = "/:@!$&'()*+,;=~%", "/:@!$&'()*+,;=~%?"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@lru_cache(maxsize=2048)
def uri(url: str) -> str:
    """The same address in ASCII: the host by IDNA and in lower case, the rest percent-encoded, and
    a path always. What is no address is percent-encoded as a whole.
    """
    if _PLAIN.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        netloc = _netloc(parts.hostname or "", parts.port)
    except ValueError:
        return _quoted(url, _PATH)
    if not parts.scheme or not netloc:
        return _quoted(url, _PATH)
    rest = (_quoted(parts.query, _REST), _quoted(parts.fragment, _REST))
    return urlunsplit((parts.scheme, netloc, _quoted(parts.path, _PATH) or "/", *rest))


def _netloc(host: str, port: int | None) -> str:
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            host = quote(host)
    return host if port is None else f"{host}:{port}"


def _quoted(text: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", text), safe=safe, errors="replace")
