"""Which server a source of kind `bluesky` asks, and for what: one profile, or a search."""

import re
from urllib.parse import unquote, urlsplit

from collectors.postviews import WEB
from models.domain.links import host_key
from models.domain.source import SourceSpec

PUBLIC = "https://public.api.bsky.app"
"""The AppView for everybody; it refuses searches."""
SERVER = "https://bsky.social"
"""The server that signs most accounts in, whichever PDS they are on."""

_PROFILE = re.compile(r"/profile/([^/]+)(?:/.*)?")


def actor(source: SourceSpec) -> str | None:
    """The handle or DID whose profile this is, or None for a search."""
    match = _PROFILE.fullmatch(unquote(urlsplit(source.url).path))
    return match[1] if match else None


def appview(source: SourceSpec) -> str:
    return _origin(source, PUBLIC)


def server(source: SourceSpec) -> str:
    return _origin(source, SERVER)


def _origin(source: SourceSpec, otherwise: str) -> str:
    """The source's own, unless that is the web application, which has no API."""
    parts = urlsplit(source.url)
    known = host_key(source.url).removeprefix("www.") == host_key(WEB)
    return otherwise if known else f"{parts.scheme}://{parts.netloc}"
