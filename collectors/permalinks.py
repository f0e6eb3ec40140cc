"""Where short addresses of posts lead: WordPress names a post `?p=123`, and redirects to its page.

A planet may list the one where another source names the other. Only the post's own site knows that
both are one page, so it is asked, once for each sighting and before that is stored. Where it does
not answer, the post is stored by the address it has.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from collectors import storing
from collectors.contract import PAGE_LIMIT, Ask, CollectError
from collectors.http import Fetcher
from collectors.outcomes import Rest, rest_after
from collectors.writer import Writer
from models.domain import links
from models.domain.identity import key_of_url
from models.domain.pace import HOUR
from models.domain.post import Entry, Post
from models.store import intake
from models.store.sources import SourceRow

MOST = 20
"""Addresses that are looked up for one answer."""
MISSING = frozenset({404, 410})

log = logging.getLogger(__name__)

On = Callable[[str], AbstractAsyncContextManager[object]]
"""Holds the lease of a host for as long as it is talked to."""


@dataclass(frozen=True, slots=True)
class Permalinks:
    """Looks addresses up through the guard, one at a time."""

    fetcher: Fetcher
    writer: Writer
    clock: Callable[[], datetime]

    async def named(self, source: SourceRow, entries: Sequence[Entry], on: On) -> tuple[Entry, ...]:
        """The entries, new ones with short addresses known by their permalinks as well."""
        short = {
            entry.entry_key: address
            for entry in entries
            if isinstance(entry, Post) and (address := short_address(entry)) is not None
        }
        if not short:
            return tuple(entries)
        wanted = (source.course_id, source.id, tuple(short))
        new = await self.writer.put(intake.unseen, wanted)
        found = await self._targets({key: short[key] for key in sorted(new)[:MOST]}, on)
        return tuple(_known_by(entry, found.get(entry.entry_key)) for entry in entries)

    async def _targets(self, short: Mapping[str, str], on: On) -> Mapping[str, str]:
        """Where they lead, by the same keys. A host that does not answer is asked no further."""
        found: dict[str, str] = {}
        silent: set[str] = set()
        for key, address in short.items():
            host = links.host_key(address)
            if host in silent:
                continue
            try:
                found[key] = await self._target(address, host, on)
            except CollectError as error:  # whatever it is, the post has an address
                log.info("where %s leads is not known: %s", host, error.message)
                silent.add(host)
                await self._leave_alone(rest_after(error, HOUR))
        return found

    async def _target(self, address: str, host: str, on: On) -> str:
        ask = Ask(address, limit=PAGE_LIMIT, accept="text/html", conditional=False, answers=MISSING)
        async with on(host):
            fetched = await self.fetcher.fetch(ask, hop=on)
        if fetched.rest:
            await self._leave_alone(Rest(links.host_key(fetched.reply.url), fetched.rest))
        return fetched.reply.url if 200 <= fetched.reply.status < 300 else address

    async def _leave_alone(self, rest: Rest | None) -> None:
        """Its sources wait, too."""
        if rest is not None:
            await self.writer.put(storing.rest, (rest, self.clock()))


def short_address(post: Post) -> str | None:
    """The address by which a post may be looked up: of what is known of it only elsewhere.

    A blog's own feed gives permalinks; if those are short, they lead nowhere else.
    """
    if post.from_origin:
        return None
    named = [each for each in (post.url, post.external_id) if links.is_web_url(each)]
    short = next((each for each in named if links.is_short(each)), None)
    if short is None or any(_leads_on(short, each) for each in named):
        return None
    return short


def _leads_on(short: str, other: str) -> bool:
    """Whether the other names what the short one does, in full. A site speaks for itself only."""
    return (
        links.same_site(short, other)
        and not links.is_short(other)
        and not links.is_site_root(other)
    )


def _known_by(entry: Entry, target: str | None) -> Entry:
    if target is None or not isinstance(entry, Post):
        return entry
    short = short_address(entry)
    if short is None or not _leads_on(short, target):
        return entry
    keys = dict.fromkeys((*entry.identity_keys, key_of_url(target)))
    return replace(entry, identity_keys=tuple(keys))
