"""Kind `youtube`: a channel or a playlist, by its Atom feed.

Takes `/channel/ID`, `/playlist?list=ID`, and `/@handle`, `/c/NAME`, `/user/NAME`, whose page names
the channel. The feed holds the latest 15 videos and needs no key. Its 404s come and go: they are
weather, not deletion.

Cursor: `feed`, the address of the feed once it is known; and what the rounds keep.
"""

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser

from collectors import rounds
from collectors.contract import PAGE_LIMIT, Ask, Batch, CollectError, Reply
from collectors.feeds import ACCEPT, read_feed
from collectors.oembedchecks import VIDEOS, noted
from collectors.rounds import Rounds
from collectors.singly import kept
from models.domain.source import SourceSpec

HOST = "https://www.youtube.com"
WEATHER = frozenset({404, 500, 503})
_CHANNEL = re.compile(r"UC[\w-]{22}")
_CHANNEL_PATH = re.compile(r"/channel/(UC[\w-]{22})(?:/.*)?")
_PAGE_PATH = re.compile(r"/(?:@[^/]+|c/[^/]+|user/[^/]+)(?:/.*)?")
_IN_PAGE = re.compile(rb'"(?:externalId|channelId)":"(UC[\w-]{22})"')
ROUNDS = Rounds(checks=VIDEOS.part)


class YoutubeCollector:
    kind = "youtube"
    pace = (900.0, 86_400.0)
    looks_after = True
    no_past = "YouTube's feed holds the latest 15 videos and names none before them"

    def ask(self, source: SourceSpec) -> Ask:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.ask(source, state)
        if feed := source.cursor.get("feed") or _feed_of(source):
            # A feed that is as it was before would end the run before its errands.
            return Ask(feed, accept=ACCEPT, answers=WEATHER, conditional=not source.errands)
        if not _PAGE_PATH.fullmatch(urlsplit(source.url).path):
            raise CollectError(
                "not-a-channel",
                f"{source.url} is neither a channel nor a playlist",
                mend="give the channel's address, such as https://www.youtube.com/@name",
            )
        return Ask(source.url, limit=PAGE_LIMIT, accept="text/html", conditional=False)

    def parse(self, source: SourceSpec, reply: Reply) -> Batch:
        if (state := rounds.state_of(source)) is not None:
            return ROUNDS.parse(source, state, reply)
        feed = source.cursor.get("feed") or _feed_of(source)
        if feed is None:
            return Batch(cursor={"feed": _by_channel(source, _named_in(reply))}, more=True)
        if reply.status in WEATHER:
            raise CollectError(
                "weather",
                f"YouTube did not give the feed of {source.url} this time ({reply.status})",
                passing=True,
                retry_after=self.pace[0],
            )
        found = replace(
            read_feed(feed, reply), cursor={"feed": feed, **kept(source)}, homepage=source.url
        )
        return ROUNDS.begin(source, noted(source, found))


def _origin(source: SourceSpec) -> str:
    """The service itself, or where the source stands: a mirror, a test."""
    parts = urlsplit(source.url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    return HOST if host == "youtube.com" else f"{parts.scheme}://{parts.netloc}"


def _by_channel(source: SourceSpec, channel: str) -> str:
    return f"{_origin(source)}/feeds/videos.xml?channel_id={channel}"


def _feed_of(source: SourceSpec) -> str | None:
    """Where the address itself says which channel or playlist it is."""
    parts = urlsplit(source.url)
    if match := _CHANNEL_PATH.fullmatch(parts.path):
        return _by_channel(source, match[1])
    lists = parse_qs(parts.query).get("list", [])
    if parts.path == "/playlist" and lists and re.fullmatch(r"[\w-]{10,60}", lists[0]):
        return f"{_origin(source)}/feeds/videos.xml?playlist_id={lists[0]}"
    return None


def _named_in(reply: Reply) -> str:
    """The channel that a page is about: its feed link, its identifier, or its data."""
    tree = LexborHTMLParser(reply.body)
    for selector, name in (
        ('link[rel="alternate"][type="application/rss+xml"]', "href"),
        ('meta[itemprop="identifier"], meta[itemprop="channelId"]', "content"),
        ('link[rel="canonical"]', "href"),
    ):
        for node in tree.css(selector):
            if match := _CHANNEL.search(node.attributes.get(name) or ""):
                return match[0]
    if found := _IN_PAGE.search(reply.body):
        return found[1].decode("ascii")
    raise CollectError(
        "not-a-channel",
        f"{reply.url} names no channel",
        mend="open the channel in a browser and give the address with /channel/ in it",
    )
