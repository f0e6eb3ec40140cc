"""Feeds that known platforms keep of a single tag: they reach further back than the main feed.

WordPress, Blogger, Ghost, Medium's publications, Tumblr and Hugo, recognised by their generator or
host. Whether such a feed is really there shows when it is asked.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from collectors.contract import Reply
from models.domain.links import absolute
from models.domain.source import Derived, Match

OPTIONAL = {"optional": True}
"""A source that vanishes by itself where its first answer shows that it is not there."""

Address = Callable[[str, str], str]
"""From the blog's root and the quoted tag to the tag's feed."""


def _medium(root: str, tag: str) -> str:
    host, _, publication = root.removeprefix("https://").partition("/")
    return f"https://{host}/feed/{publication}/tagged/{tag}"


_FEEDS: dict[str, Address] = {
    "wordpress": lambda root, tag: f"{root}/tag/{tag}/feed/",
    "blogger": lambda root, tag: f"{root}/feeds/posts/default/-/{tag}",
    "ghost": lambda root, tag: f"{root}/tag/{tag}/rss/",
    "medium": _medium,
    "tumblr": lambda root, tag: f"{root}/tagged/{tag}/rss",
    "hugo": lambda root, tag: f"{root}/tags/{tag}/index.xml",
}
_HOSTS = {
    "wordpress.com": "wordpress",
    "blogspot.com": "blogger",
    "ghost.io": "ghost",
    "tumblr.com": "tumblr",
}
_GENERATOR = re.compile(r"\b(wordpress|blogger|ghost|tumblr|hugo)\b", re.IGNORECASE)


def tag_feeds(reply: Reply, hashtags: Sequence[str]) -> Iterator[Derived]:
    """The platform's feed of each of the hashtags, for the blog whose homepage this is."""
    platform = _platform(reply)
    if platform is None:
        return
    for tag in hashtags:
        url = absolute(_FEEDS[platform](_root(reply.url), quote(tag, safe="")), None)
        if url is not None:
            yield Derived("feed", url, Match.ALL, OPTIONAL)


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _platform(reply: Reply) -> str | None:
    parts = urlsplit(reply.url)
    host = (parts.hostname or "").lower()
    if host == "medium.com":
        # A person's stories have no feed by tag, a publication's have.
        return "medium" if re.fullmatch(r"/[^/@]+/?", parts.path) else None
    for suffix, platform in _HOSTS.items():
        if host.endswith(f".{suffix}"):
            return platform
    return _by_generator(reply)


def _by_generator(reply: Reply) -> str | None:
    tree = LexborHTMLParser(reply.body)
    for node in tree.css("meta[name][content]"):
        if (node.attributes.get("name") or "").lower() == "generator" and (
            found := _GENERATOR.search(node.attributes.get("content") or "")
        ):
            return found[1].lower()
    return "wordpress" if b"/wp-content/" in reply.body else None
