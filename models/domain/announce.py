"""Whether a status only announces a post of its author's: "new in my blog: …".

Such a status stands under the post it announces. One that says something of its own is a post of
its own, even if it links an earlier one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from rapidfuzz.distance import Indel

from models.domain import links, prose
from models.domain.hashtags import match_key
from models.domain.post import Kind

SHORT = 200
"""Characters of its own, beside tags, links and the post's title and text, from which on a status
is more than an announcement. The same bound as that of `likeness.SHORTEST`."""

ANNOUNCED = frozenset({Kind.BLOG, Kind.VIDEO})
"""Kinds of posts that are announced; statuses do it."""

_SHORTENERS = frozenset(
    {
        "bit.ly", "buff.ly", "dlvr.it", "goo.gl", "ift.tt", "is.gd", "lnkd.in", "ow.ly",
        "t.co", "t1p.de", "tinyurl.com", "wp.me",
    }
)  # fmt: skip
_TAG_PAGES = ("/tags/", "/tag/", "/hashtag/")
_SHORTEST_QUOTE = 4
"""Words in a row that are taken from the post, fewer than which are anybody's."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A status, as far as announcing needs it."""

    content_html: str
    links: Collection[str]
    mentions: Collection[str]
    hashtags: Collection[str]
    is_reply: bool


@dataclass(frozen=True, slots=True)
class Announced:
    """A post of the status's author, as far as being announced needs it."""

    title: str | None
    content_html: str


def pages(status: Announcement) -> list[str]:
    """The addresses a status points its readers to: not tags, accounts, whole sites, shorteners."""
    named = {links.canonical(url) for url in status.mentions}
    tags = {match_key(tag) for tag in status.hashtags}
    return [
        url
        for url in status.links
        if not (
            links.canonical(url) in named
            or links.is_site_root(url)
            or links.host_key(url) in _SHORTENERS
            or _is_tag_page(url, tags)
        )
    ]


def target(status: Announcement, owners: Mapping[str, str]) -> str | None:
    """The one post all its addresses lead to. `owners`: address -> post.

    None where it answers somebody, or points anywhere else, too: it says more than "read this".
    """
    if status.is_reply:
        return None
    found = {owners.get(url) for url in pages(status)}
    return found.pop() if len(found) == 1 else None


def announces(status: Announcement, post: Announced) -> bool:
    """Whether a status that links a post of its own author says little beyond that."""
    said = prose.read(status.content_html)
    if len(said.text) < SHORT:
        return True
    without_title = said.words.replace(prose.title_words(post.title), "", 1)
    return _own(without_title, prose.read(post.content_html).words) < SHORT


def _own(said: str, text: str) -> int:
    """Characters of what is said that are not taken from the text."""
    mine, theirs = said.split(), text.split()
    blocks = Indel.opcodes(mine, theirs).as_matching_blocks()
    taken = {
        at
        for block in blocks
        if block.size >= _SHORTEST_QUOTE
        for at in range(block.a, block.a + block.size)
    }
    return len(" ".join(word for at, word in enumerate(mine) if at not in taken))


def _is_tag_page(url: str, tags: Collection[str]) -> bool:
    for mark in _TAG_PAGES:
        _, found, name = url.rpartition(mark)
        if found and match_key(unquote(name.strip("/"))) in tags:
            return True
    return False
