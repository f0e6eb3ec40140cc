"""Before sanitising: what would be lost with its markup is put into markup that stays."""

import html as entities
import re
from typing import Any
from urllib.parse import urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from models.domain import links
from models.domain.html.profile import ATTRIBUTES, CLEANER, DROPPED, TAGS

_PLAYERS = frozenset({"iframe", "video", "audio"})
_PLAYER = re.compile(rf"<(?:{'|'.join(sorted(_PLAYERS))})", re.ASCII | re.IGNORECASE)
_PICTURE = re.compile(r"<im(?:g|age)", re.ASCII | re.IGNORECASE)
_LATER_SOURCES = ("data-src", "data-lazy-src", "data-orig-src", "data-original-src")
_FIRST: dict[str, Any] = {
    **CLEANER,
    "tags": TAGS | _PLAYERS | {"source"},
    "clean_content_tags": DROPPED - _PLAYERS,
    "url_relative": "pass_through",
    "attributes": {
        **ATTRIBUTES,
        "img": {*ATTRIBUTES["img"], *_LATER_SOURCES},
        "iframe": {"src", "data-src"},
        "video": {"src"},
        "audio": {"src"},
        "source": {"src"},
    },
}
"""What the tree may hold that is mended. Attributes by the ten thousand would take it minutes."""
_cleaner = nh3.Cleaner(**_FIRST)
_VIDEO_PATHS = {
    "youtube.com": re.compile(r"/embed/(?P<id>[\w-]{6,20})"),
    "youtube-nocookie.com": re.compile(r"/embed/(?P<id>[\w-]{6,20})"),
    "player.vimeo.com": re.compile(r"/video/(?P<id>\d+)"),
}
_PEERTUBE = re.compile(r"/videos/embed/(?P<id>[\w-]{8,40})")


def is_needed(html: str) -> bool:
    """Whether HTML holds players, or pictures that load lazily."""
    if _PLAYER.search(html):
        return True
    # Most posts have no picture, or none that loads lazily: a copy in lower case takes longest.
    return _PICTURE.search(html) is not None and _names_later_source(html.lower())


def _names_later_source(lowered: str) -> bool:
    return "data-" in lowered and any(map(lowered.__contains__, _LATER_SOURCES))


def mend(html: str, base: str | None) -> str:
    """Players become links, lazily loaded pictures plain ones."""
    body = LexborHTMLParser(_cleaner.clean(html)).body
    if body is None:
        return ""
    # From the last to the first, so that none is touched after the one around it has gone.
    for player in reversed(body.css(", ".join(sorted(_PLAYERS)))):
        link = _link(player, base)
        player.replace_with(link) if link is not None else player.decompose()
    for image in body.css("img"):
        _use_later_source(image)
    return body.inner_html or ""


def _use_later_source(image: LexborNode) -> None:
    """What stands in `src` until the picture is seen is a placeholder."""
    for name in _LATER_SOURCES:
        if later := image.attributes.get(name):
            image.attrs["src"] = later
            return


def _link(player: LexborNode, base: str | None) -> LexborNode | None:
    """A paragraph with a link to what the player shows, where that has an address of its own."""
    url = links.absolute(_source(player), base)
    found = None if url is None else _watched(url) if player.tag == "iframe" else (url, "")
    if found is None:
        return None
    target, picture = found
    label = "Audio" if player.tag == "audio" else "Video"
    text = entities.escape(f"{label}: {urlsplit(target).hostname}")
    markup = f'<p><a href="{entities.escape(target)}">{picture}{text}</a></p>'
    body = LexborHTMLParser(markup).body
    return body.child if body is not None else None


def _source(player: LexborNode) -> str:
    further = player.css_first("source[src]")
    candidates = [player.attributes, further.attributes if further is not None else {}]
    return next(
        (src for found in candidates if (src := found.get("src") or found.get("data-src"))), ""
    )


def _watched(url: str) -> tuple[str, str] | None:
    """The page of a framed video and its picture, for hosts that are known."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if (known := _VIDEO_PATHS.get(host)) and (match := known.match(parts.path)):
        if host == "player.vimeo.com":
            return f"https://vimeo.com/{match['id']}", ""
        picture = f'<img src="https://i.ytimg.com/vi/{match["id"]}/hqdefault.jpg" alt="">'
        return f"https://www.youtube.com/watch?v={match['id']}", picture
    if match := _PEERTUBE.match(parts.path):
        return f"https://{parts.netloc}/w/{match['id']}", ""
    return None
