"""The one list of kinds. A new kind is one module, one line here and one folder of fixtures."""

from collections.abc import Mapping

from collectors.blog import BlogCollector
from collectors.bluesky import BlueskyCollector
from collectors.comments import CommentsCollector
from collectors.contract import Collector, comes_by_itself
from collectors.fediverse import FediverseCollector
from collectors.feed import FeedCollector
from collectors.mastodon import MastodonCollector
from collectors.peertube import PeertubeCollector
from collectors.webmention import WebmentionCollector
from collectors.x import XCollector
from collectors.youtube import YoutubeCollector
from models.domain.errors import Invalid

_COLLECTORS: tuple[Collector, ...] = (
    FeedCollector(),
    BlogCollector(),
    MastodonCollector(),
    FediverseCollector(),
    BlueskyCollector(),
    XCollector(),
    YoutubeCollector(),
    PeertubeCollector(),
    CommentsCollector(),
    WebmentionCollector(),
)

KINDS: Mapping[str, Collector] = {collector.kind: collector for collector in _COLLECTORS}
REGISTRABLE = tuple(kind for kind, collector in KINDS.items() if not comes_by_itself(collector))
"""Kinds that people may choose."""


def collector(kind: str) -> Collector:
    """The collector of a kind. Raises `Invalid`, naming the kinds that may be chosen."""
    try:
        return KINDS[kind]
    except KeyError:
        raise _refused(f"there is no kind of source {kind!r}") from None


def registrable(kind: str) -> Collector:
    """The collector of a kind that may be chosen. Raises `Invalid` as `collector` does."""
    chosen = collector(kind)
    if kind not in REGISTRABLE:
        raise _refused(f"sources of kind {kind!r} come by themselves")
    return chosen


def _refused(problem: str) -> Invalid:
    return Invalid(f"{problem}: choose from {', '.join(REGISTRABLE)}", "kind")
