"""A look at an address before it becomes a source: what it is, and what would be taken from it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from collectors import fields, webfinger
from collectors.contract import Ask, CollectError, Reply
from collectors.feeds import ACCEPT, read_feed
from collectors.http import Fetcher
from collectors.needs import NOTHING_GIVEN, Given, needs_of
from collectors.parsing import ParserPool
from collectors.peertube import is_peertube_address
from collectors.reading import Reading, read
from collectors.registry import collector
from models.domain.links import absolute, host_key, is_site_root
from models.domain.normalise import EARLIEST
from models.domain.post import Entry, Post
from models.domain.source import Rule, SourceSpec

MOST_ASKS = 15
LOOK_AGAIN = "nothing is stored: look again in a few minutes"
SHOWN = 3
_HOSTS = {
    "bsky.app": "bluesky",
    "bsky.social": "bluesky",
    "x.com": "x",
    "twitter.com": "x",
    "youtube.com": "youtube",
    "m.youtube.com": "youtube",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found at an address."""

    kind: str
    url: str
    """Where it is best registered."""
    options: Mapping[str, Any]
    feed_url: str
    """The address that was read in the end: for a blog the feed that was discovered."""
    title: str | None
    entries: int
    matching: int
    """How many of the entries belong to the course."""
    latest: tuple[Entry, ...]
    """The newest entries, whether or not they belong to the course, three at the most."""
    read: tuple[Entry, ...] = ()
    """All entries."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The last answer of a look, and what the answers before it said."""

    reading: Reading
    asked: str
    address: str | None
    title: str | None


class Previewer:
    """Looks at addresses. Nothing is stored, no lease is taken: it is one person's one request."""

    def __init__(
        self, fetcher: Fetcher, parsers: ParserPool, clock: Callable[[], datetime]
    ) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._clock = clock

    async def look(
        self, url: str, kind: str | None, rule: Rule, given: Given = NOTHING_GIVEN
    ) -> Preview:
        """`kind` None finds out. Raises `CollectError` where nothing usable is there, and `Invalid`
        where the kind does not take what was given.
        """
        try:
            return await self._look(url, kind, rule, given)
        except CollectError as error:
            if error.passing:
                error.again = LOOK_AGAIN
            raise

    async def _look(self, url: str, kind: str | None, rule: Rule, given: Given) -> Preview:
        chosen = kind or await self._kind_of(url)
        options = needs_of(collector(chosen)).check(chosen, given)
        spec = SourceSpec(
            "preview", chosen, url, rule, options=options, now=self._clock().timestamp()
        )
        seen = await self._read(spec, given.secret)
        return Preview(
            kind=chosen,
            url=seen.address or url,
            options=options,
            feed_url=seen.asked,
            title=seen.title,
            entries=len(seen.reading.entries),
            matching=sum(isinstance(entry, Post) for entry in seen.reading.entries),
            latest=_latest(seen.reading.entries),
            read=seen.reading.entries,
        )

    async def _kind_of(self, url: str) -> str:
        if kind := kind_of_host(url):
            return kind
        if await self._is_account(url):
            return "fediverse"
        fetched = await self._fetcher.fetch(Ask(url, accept=f"{ACCEPT}, text/html;q=0.9"))
        if await self._parsers.run(is_feed, fetched.reply):
            return "feed"
        if is_site_root(url) and await self._is_instance(url):
            return "mastodon"
        if is_peertube_address(url) and await self._is_peertube(url):
            return "peertube"
        return "blog"

    async def _is_account(self, url: str) -> bool:
        """Whether it is the profile of an account that WebFinger knows."""
        address = webfinger.address_of(url)
        if address is None:
            return False
        try:
            fetched = await self._fetcher.fetch(webfinger.ask(address))
        except CollectError:
            return False
        return webfinger.read(fetched.reply, address) is not None

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

    async def _is_peertube(self, url: str) -> bool:
        """Whether the site says that it runs PeerTube."""
        try:
            fetched = await self._fetcher.fetch(
                Ask(urljoin(url, "/api/v1/config"), accept="application/json")
            )
        except CollectError:
            return False
        return "serverVersion" in fields.answer(fetched.reply)

    async def _read(self, spec: SourceSpec, secret: str | None) -> _Seen:
        """Follows the collector's asks; of a timeline, the first page is enough."""
        kind = collector(spec.kind)
        address = title = None
        for _ in range(MOST_ASKS):
            ask = kind.ask(spec)
            token = secret if ask.with_secret else None
            fetched = await self._fetcher.fetch(ask, token=token)
            reading = await self._parsers.run(read, spec, fetched.reply, self._clock())
            address, title = reading.address or address, reading.title or title
            if not reading.more or reading.entries:
                return _Seen(reading, ask.url, address, title)
            secret = reading.bearer or secret
            spec = replace(spec, cursor=reading.cursor)
        raise CollectError("no-feed", f"nothing that can be read was found at {spec.url}")


def kind_of_host(url: str) -> str | None:
    """The kind that a service's own addresses name, or None."""
    known = absolute(url, None)
    return _HOSTS.get(host_key(known).removeprefix("www.")) if known else None


def is_feed(reply: Reply) -> bool:
    """Whether this can be read as a feed."""
    try:
        read_feed(reply.url, reply)
    except CollectError:
        return False
    return True


def _latest(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What does not belong for another reason than its hashtags is nobody's to see."""
    shown = [one for one in entries if isinstance(one, Post) or one.reason == "no-hashtag"]
    dated = sorted(shown, key=lambda one: one.published_at or EARLIEST, reverse=True)
    return tuple(dated[:SHOWN])
