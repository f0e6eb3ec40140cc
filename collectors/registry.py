"""The one list of kinds. A new kind is one module, one line here and one folder of fixtures."""

from collections.abc import Mapping

from collectors.blog import BlogCollector
from collectors.bluesky import BlueskyCollector
from collectors.comments import CommentsCollector
from collectors.contract import Collector
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


def collector(kind: str) -> Collector:
    """The collector of a kind. Raises `Invalid`, naming the kinds there are."""
    try:
        return KINDS[kind]
    except KeyError:
        known = ", ".join(KINDS)
        raise Invalid(f"there is no kind of source {kind!r}: choose from {known}", "kind") from None
