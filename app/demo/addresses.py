"""Where the sample's posts stand on the web: addresses and ids, as each platform makes them."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from zlib import crc32

from app.demo.material import Blog
from app.demo.posts import SamplePost
from models.domain.links import canonical
from models.domain.post import Kind

FEED_PATHS: Mapping[str, str] = {
    "wordpress": "/feed/",
    "tagfeed": "/tag/{tag}/feed/",
    "doubled": "/feed/",
    "latin1": "/rss2.xml",
    "illformed": "/index.rss",
    "empty": "/feed/",
    "blogger": "/feeds/posts/default",
    "jsonfeed": "/feed.json",
    "hugo": "/index.xml",
    "ghost": "/rss/",
    "rdf": "/index.rdf",
    "rss091": "/rss.xml",
    "atom03": "/atom.xml",
}
"""The platforms, and where each has its feed."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_FLAKE_INSTANCE = "zwei"
"""The instance that is no Mastodon: its ids are letters, its addresses have another shape."""


class Addresses:
    """Knows the sites' origins, and which platform each blog has."""

    def __init__(self, origins: Mapping[str, str], blogs: Mapping[str, Blog], tag: str) -> None:
        self.origins = origins
        self._blogs = blogs
        self._tag = tag

    def feed(self, site: str) -> str:
        path = FEED_PATHS[self._blogs[site].platform]
        return self.origins[site] + path.format(tag=self._tag)

    def url(self, post: SamplePost) -> str:
        """The post's page."""
        return self.origins[post.site] + self.path(post)

    def path(self, post: SamplePost) -> str:
        if post.kind is Kind.STATUS:
            return self._status_path(post)
        slug = slug_of(post.title or "")
        match self._blogs[post.site].platform:
            case "blogger":
                return f"/{post.at:%Y/%m}/{slug}.html"
            case "jsonfeed":
                return f"/notizen/{slug}"
            case "hugo":
                return f"/posts/{slug}/"
            case "ghost":
                return f"/{slug}/"
            case "rdf":
                return f"/archiv/{number_of(post.key)}.html"
            case "rss091":
                return f"/seite{number_of(post.key)}.htm"
            case "atom03":
                return f"/eintrag/{slug}"
            case _:
                return f"/{post.at:%Y/%m/%d}/{slug}/"

    def uid(self, post: SamplePost) -> str:
        """Atom id, RSS guid or a status's `uri`; where there is none, the canonical address."""
        if post.kind is Kind.STATUS:
            return self.origins[post.site] + self._status_uri(post)
        match self._blogs[post.site].platform:
            case "blogger":
                blog, entry = number_of(post.site), number_of(post.key)
                return f"tag:example.org,1999:blog-{blog}.post-{entry}"
            case "ghost":
                return uuid_of(post.key).hex[:24]
            case "atom03":
                return f"urn:uuid:{uuid_of(post.key)}"
            case "jsonfeed" | "hugo" | "rdf":
                return self.url(post)
            case "rss091":
                return canonical(self.url(post))
            case _:
                return f"{self.origins[post.site]}/?p={number_of(post.key)}"

    def profile(self, site: str, handle: str) -> str:
        return f"{self.origins[site]}{profile_path(site, handle)}"

    def host(self, site: str) -> str:
        return self.origins[site].partition("://")[2]

    def _status_path(self, post: SamplePost) -> str:
        id_ = local_id(post.site, post)
        if post.site == _FLAKE_INSTANCE:
            return f"/notice/{id_}"
        return f"{profile_path(post.site, post.handle or '')}/{id_}"

    def _status_uri(self, post: SamplePost) -> str:
        if post.site == _FLAKE_INSTANCE:
            return f"/objects/{uuid_of(post.key)}"
        return f"/users/{post.handle}/statuses/{local_id(post.site, post)}"


def profile_path(site: str, handle: str) -> str:
    return f"/users/{handle}" if site == _FLAKE_INSTANCE else f"/@{handle}"


def local_id(instance: str, post: SamplePost) -> str:
    """A status's id on one instance: opaque, and growing with the time it came there."""
    arrived = received_at(instance, post)
    milliseconds = round(arrived.timestamp() * 1000)
    if instance != _FLAKE_INSTANCE:
        return str(milliseconds << 16 | crc32(post.key.encode()) & 0xFFFF)
    number = milliseconds << 64 | crc32(post.key.encode()) << 32
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits.rjust(18, "0")


def received_at(instance: str, post: SamplePost) -> datetime:
    """Statuses from elsewhere take a few seconds on their way."""
    if instance == post.site:
        return post.at
    return post.at + timedelta(milliseconds=400 + crc32(post.key.encode()) % 20_000)


def number_of(key: str) -> int:
    """A number that is the same each time, as platforms count their posts."""
    return 1000 + crc32(key.encode()) % 9_000_000


def uuid_of(key: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"https://example.org/e20demo/{key}")


def slug_of(title: str) -> str:
    """The part of an address that a title makes."""
    spelled = title.lower().translate(_SPELLED)
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in spelled).split()
    return "-".join(words) or "ohne-titel"
