"""Addresses of pictures: signed, so that the proxy fetches nothing that no page has shown.

`/media/{course}/{post}/{width}/{signature}.webp`: the signature is a keyed hash over course, post
and the original's address. The width needs none: there are three. The address holds while the post
is visible and shows the picture, and what it answers does not change.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from collectors.pictures import AVATAR, WIDTHS
from models.store.rows import FeedPost

_SIGNED = 16
"""Bytes of the hash that are kept."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What an `img` element takes."""

    src: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes addresses with the installation's key, and recognises them."""

    key: bytes

    def avatar(self, post: FeedPost) -> str | None:
        """Of the post's author."""
        url = post.author.avatar_url
        return self._address(post.course, post.id, url, AVATAR) if url else None

    def sources(self, post: FeedPost, url: str) -> Sources:
        """Of another picture of the post, in all widths."""
        shown = [(self._address(post.course, post.id, url, width), width) for width in WIDTHS]
        return Sources(shown[0][0], ", ".join(f"{address} {width}w" for address, width in shown))

    def original(self, course: str, post_id: str, name: str, urls: Iterable[str]) -> str | None:
        """The one of a post's pictures that the signature is for."""
        given = name.encode("utf-8", "replace")
        signed = ((url, self._signature(course, post_id, url).encode()) for url in urls)
        return next((url for url, own in signed if hmac.compare_digest(given, own)), None)

    def _address(self, course: str, post_id: str, url: str, width: int) -> str:
        return f"/media/{course}/{post_id}/{width}/{self._signature(course, post_id, url)}.webp"

    def _signature(self, course: str, post_id: str, url: str) -> str:
        return _keyed(self.key, b"moocfeed picture", f"{course}\0{post_id}\0{url}")

    def shelf_name(self, url: str) -> str:
        """What a picture is called on disk, where nobody shall read who was shown."""
        return _keyed(self.key, b"moocfeed picture on disk", url)


@dataclass(frozen=True, slots=True)
class OnPage:
    """The addresses on one page, where an author's picture has one, whatever they wrote there."""

    addresses: Addresses
    _faces: dict[str, str | None] = field(default_factory=dict)

    def avatar(self, post: FeedPost) -> str | None:
        """Of the post's author."""
        url = post.author.avatar_url or ""
        if url not in self._faces:
            self._faces[url] = self.addresses.avatar(post)
        return self._faces[url]

    def sources(self, post: FeedPost, url: str) -> Sources:
        """Of another picture of the post, in all widths."""
        return self.addresses.sources(post, url)


def _keyed(key: bytes, purpose: bytes, text: str) -> str:
    own = hmac.digest(key, purpose, sha256)
    digest = hmac.digest(own, text.encode("utf-8", "surrogatepass"), sha256)[:_SIGNED]
    return urlsafe_b64encode(digest).decode().rstrip("=")
