"""Addresses of pictures: they name a picture of a post, and nothing else is ever fetched.

`/media/{course}/{post}/{width}/{name}.webp`: the name is FNV-1a of the original's address, which a
script can reckon, too (`app/embed/course-feed.js`). The address holds while the post is visible and
shows the picture, and what it answers does not change.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from collectors.pictures import AVATAR, WIDTHS
from models.store.rows import FeedPost

_KEPT = 16
"""Bytes of the hash that names a picture on disk."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What an `img` element takes."""

    src: str
    srcset: str


def avatar(post: FeedPost) -> str | None:
    """Of the post's author."""
    url = post.author.avatar_url
    return _address(post, url, AVATAR) if url else None


def sources(post: FeedPost, url: str) -> Sources:
    """Of another picture of the post, in all widths."""
    shown = [(_address(post, url, width), width) for width in WIDTHS]
    return Sources(shown[0][0], ", ".join(f"{address} {width}w" for address, width in shown))


def original(name: str, urls: Iterable[str]) -> str | None:
    """The one of a post's pictures that is called so."""
    return next((url for url in urls if _name(url) == name), None)


def shelf_name(key: bytes, url: str) -> str:
    """What a picture is called on disk, where nobody shall read who was shown."""
    own = hmac.digest(key, b"moocfeed picture on disk", sha256)
    digest = hmac.digest(own, url.encode("utf-8", "surrogatepass"), sha256)[:_KEPT]
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _address(post: FeedPost, url: str, width: int) -> str:
    return f"/media/{post.course}/{post.id}/{width}/{_name(url)}.webp"


@lru_cache(maxsize=2048)
def _name(url: str) -> str:
    """FNV-1a, 32 bits, over UTF-16: eight hexadecimal digits, for the few pictures of a post."""
    digest = 2166136261
    for unit in memoryview(url.encode("utf-16-le", "surrogatepass")).cast("H"):
        digest = (digest ^ unit) * 16777619 & 0xFFFFFFFF
    return f"{digest:08x}"


@dataclass(frozen=True, slots=True)
class OnPage:
    """The addresses on one page, where an author's picture has one, whatever they wrote there."""

    _faces: dict[str, str | None] = field(default_factory=dict)

    def avatar(self, post: FeedPost) -> str | None:
        """Of the post's author."""
        url = post.author.avatar_url or ""
        if url not in self._faces:
            self._faces[url] = avatar(post)
        return self._faces[url]

    def sources(self, post: FeedPost, url: str) -> Sources:
        """Of another picture of the post, in all widths."""
        return sources(post, url)
