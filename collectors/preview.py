"""A look at an address before it becomes a source: what it is, and what would be taken from it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from collectors.contract import Ask, CollectError, Reply
from collectors.feeds import ACCEPT, read_feed
from collectors.http import Fetcher
from collectors.parsing import ParserPool
from collectors.reading import Reading, read
from collectors.registry import collector
from models.domain.links import is_site_root
from models.domain.post import Post
from models.domain.source import Rule, SourceSpec

MOST_ASKS = 15
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found at an address."""

    kind: str
    url: str
    feed_url: str
    """The address that was read in the end: for a blog the feed that was discovered."""
    title: str | None
    entries: int
    matching: int
    """How many of the entries belong to the course."""
    latest: tuple[Post, ...]
    """The newest of them, three at the most."""


class Previewer:
    """Looks at addresses. Nothing is stored, no lease is taken: it is one person's one request."""

    def __init__(
        self, fetcher: Fetcher, parsers: ParserPool, clock: Callable[[], datetime]
    ) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._clock = clock

    async def look(self, url: str, kind: str | None, rule: Rule) -> Preview:
        """`kind` None finds out. Raises `CollectError` where nothing usable is there."""
        chosen = kind or await self._kind_of(url)
        spec = SourceSpec(id="preview", kind=chosen, url=url, rule=rule)
        reading, asked = await self._read(spec)
        posts = [entry for entry in reading.entries if isinstance(entry, Post)]
        latest = sorted(posts, key=lambda post: post.published_at, reverse=True)[:SHOWN]
        return Preview(
            kind=chosen,
            url=url,
            feed_url=asked,
            title=reading.title,
            entries=len(reading.entries),
            matching=len(posts),
            latest=tuple(latest),
        )

    async def _kind_of(self, url: str) -> str:
        fetched = await self._fetcher.fetch(Ask(url, accept=f"{ACCEPT}, text/html;q=0.9"))
        if await self._parsers.run(is_feed, fetched.reply):
            return "feed"
        if is_site_root(url) and await self._is_instance(url):
            return "mastodon"
        return "blog"

    async def _is_instance(self, url: str) -> bool:
        """Whether the site answers as Mastodon and its kin do."""
        try:
            fetched = await self._fetcher.fetch(
                Ask(f"{url.rstrip('/')}/api/v1/instance", accept="application/json")
            )
            answer = json.loads(fetched.reply.body)
        except (CollectError, ValueError, RecursionError):
            return False
        return isinstance(answer, dict) and ("uri" in answer or "domain" in answer)

    async def _read(self, spec: SourceSpec) -> tuple[Reading, str]:
        """Follows the collector's asks; of a timeline, the first page is enough."""
        kind = collector(spec.kind)
        for _ in range(MOST_ASKS):
            ask = kind.ask(spec)
            fetched = await self._fetcher.fetch(ask)
            reading = await self._parsers.run(read, spec, fetched.reply, self._clock())
            if not reading.more or reading.entries:
                return reading, ask.url
            spec = replace(spec, cursor=reading.cursor)
        raise CollectError("no-feed", f"nothing that can be read was found at {spec.url}")


def is_feed(reply: Reply) -> bool:
    """Whether this can be read as a feed."""
    try:
        read_feed(reply.url, reply)
    except CollectError:
        return False
    return True
