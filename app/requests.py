"""What the cache has to know of a request, read from its ASGI scope."""

import re
from dataclasses import dataclass

from starlette.types import Scope

from app.api.answers import PREFIX
from app.languages import negotiate
from models.domain.coursefile import RESERVED
from models.domain.links import is_tracking

LONGEST_QUERY = 2000
OEMBED = "/oembed"
UNVERSIONED = "explain"
"""Of a course: what it says of sources' fetches changes without the course's version."""
_CODING = re.compile(rb"(?:^|[\s,])(?:gzip|\*)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?(?=\s*(?:,|$))")
_SLASHED = re.compile(rb"((?:/[A-Za-z0-9._-]+)+)/+")
"""Nothing that a browser might take for another host."""
_TAG = re.compile(rb'(?:W/)?("[^"]*")')
_ANY = b"*"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as a cached answer depends on it."""

    path: str
    query: tuple[str, ...]
    """Sorted by name; repeated names keep their order."""
    slug: str | None
    """The course it is about; None where it is about all."""
    language: str | None
    """Of pages; None for the API and feeds, which are the same in all."""
    gzip: bool
    none_match: frozenset[bytes]
    """Entity tags without `W/`."""
    none_at_all: bool
    """`If-None-Match: *`: whatever there is, is known already (RFC 9110 §13.1.2)."""
    is_public: bool
    """Whether a shared cache may answer it."""
    has_credentials: bool
    is_head: bool
    slashless: bytes | None
    """The address without the slash at its end; None where it has none."""


def read_request(scope: Scope) -> Asked:
    """Reads what matters of the scope."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    path: str = scope["path"]
    raw_query = scope["query_string"].decode("latin-1")
    slug, is_known = _about(path)
    credentials = b"authorization" in headers or b"cookie" in headers
    return Asked(
        path=path,
        query=_sorted(raw_query),
        slug=slug,
        language=_language(path, headers),
        gzip=_takes_gzip(headers.get(b"accept-encoding", b"")),
        none_match=frozenset(_TAG.findall(headers.get(b"if-none-match", b""))),
        none_at_all=headers.get(b"if-none-match", b"").strip() == _ANY,
        is_public=is_known and not credentials and len(raw_query) <= LONGEST_QUERY,
        has_credentials=credentials,
        is_head=scope["method"] == "HEAD",
        slashless=_slashless(scope),
    )


def without_tracking(scope: Scope) -> Scope:
    """The same request for a page without what networks and newsletters hang on its address.

    Programs are told of parameters that are not known; whoever followed a link can do nothing.
    """
    query: str = scope["query_string"].decode("latin-1")
    if not query or not _is_page(scope["path"]):
        return scope
    pairs = query.split("&")
    kept = [pair for pair in pairs if not is_tracking(pair.partition("=")[0])]
    if len(kept) == len(pairs):
        return scope
    return {**scope, "query_string": "&".join(kept).encode("latin-1")}


def _slashless(scope: Scope) -> bytes | None:
    found = _SLASHED.fullmatch(scope["path"].encode())
    if found is None:
        return None
    query: bytes = scope["query_string"]
    return found.group(1) + (b"?" + query if query else b"")


def _about(path: str) -> tuple[str | None, bool]:
    """The course of an address, and whether it is one of those that are cached."""
    if path in {"/", OEMBED, f"{PREFIX}/courses", f"{PREFIX}/openapi.json"}:
        return None, True
    if path.startswith(f"{PREFIX}/"):
        parts = path.split("/")
        if parts[3] != "courses" or len(parts) < 5:
            return None, False
        return parts[4], parts[5:] != [UNVERSIONED]
    first, *others = path.removeprefix("/").split("/")  # a target may be no path: `GET *`
    if first == "embed" and len(others) == 1:
        return others[0], True
    return first, first not in RESERVED


def _language(path: str, headers: dict[bytes, bytes]) -> str | None:
    if not _is_page(path):
        return None
    return negotiate(headers.get(b"accept-language", b"").decode("latin-1")) or "-"


def _is_page(path: str) -> bool:
    """Not the API, and no document."""
    return not (path.startswith(f"{PREFIX}/") or path == OEMBED or "." in path.rpartition("/")[2])


def _sorted(query: str) -> tuple[str, ...]:
    pairs = [pair for pair in query.split("&") if pair]
    return tuple(sorted(pairs, key=lambda pair: pair.split("=", 1)[0]))


def _takes_gzip(accepted: bytes) -> bool:
    found = _CODING.search(accepted.lower())
    return found is not None and (found.group(1) is None or float(found.group(1) or b"0") > 0)
