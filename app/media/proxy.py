"""From a picture's original to ours: off the shelf, or fetched, remade and put there.

Everything that fetches and decodes is loaded and started when the first picture is asked for that
is not on the shelf: a web process without pictures stays as small as it was.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from app.media.shelf import Failed, Kept, Owner, Shelf
from collectors import pictures
from collectors.contract import CollectError
from models.domain.links import host_key

if TYPE_CHECKING:
    from collectors.http import Fetcher, FetchPolicy
    from collectors.parsing import ParserPool

FETCHES: Final = 8
"""Pictures that are fetched at once, for each web process."""
PER_HOST: Final = 2
"""Of these, from one host."""
WORKERS: Final = 2
"""Processes that decode, for each web process."""
SECONDS: Final = 15.0
"""For a fetch, with its redirects and the last byte."""
WAITING: Final = 200
"""Pictures that may be waited for at once; whoever asks for more is told to come back."""

Made = Mapping[int, bytes]
"""A picture by width, as WebP."""

log = logging.getLogger(__name__)


class Busy(Exception):
    """Too many pictures are waited for already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a visible post shows."""

    url: str
    name: str
    """On the shelf."""
    width: int
    owner: Owner

    @property
    def widths(self) -> tuple[int, ...]:
        return pictures.SETS[self.width]


@dataclass(frozen=True, slots=True)
class _Tools:
    fetcher: "Fetcher"
    pool: "ParserPool"


class Proxy:
    """Pictures of one web process; to be used from one event loop, while `running`."""

    def __init__(self, shelf: Shelf, policy: "FetchPolicy", clock: Callable[[], float]) -> None:
        self.shelf = shelf
        self._policy = replace(
            policy, concurrency=FETCHES, total_timeout=min(SECONDS, policy.total_timeout)
        )
        self._clock = clock
        self._stack = AsyncExitStack()
        self._tools: _Tools | None = None
        self._under_way: dict[tuple[str, tuple[int, ...]], asyncio.Task[Made | Failed]] = {}
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self.stored = 0
        """Bytes put on the shelf so far."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """What is under way at the end is given up, and noted nowhere."""
        try:
            yield
        finally:
            tasks = tuple(self._under_way.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._stack.aclose()
            self._tools = None

    async def picture(self, wanted: Wanted) -> bytes | Failed:
        """The picture in the width wanted, or why there is none. Raises `Busy`.

        Fetched once, however many ask for it; one who leaves takes nothing away.
        """
        known = await asyncio.to_thread(self._find, wanted)
        if isinstance(known, Failed):
            return known
        if known is not None and (known.is_fresh or len(self._under_way) >= WAITING):
            return known.body
        came = await asyncio.shield(self._task(wanted))
        if isinstance(came, Failed):
            return came if known is None else known.body
        return came[wanted.width]

    def _task(self, wanted: Wanted) -> asyncio.Task[Made | Failed]:
        key = (wanted.name, wanted.widths)
        task = self._under_way.get(key)
        if task is None:
            if len(self._under_way) >= WAITING:
                raise Busy
            task = asyncio.create_task(self._obtained(wanted))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return task

    async def _obtained(self, wanted: Wanted) -> Made | Failed:
        """From the original, and onto the shelf."""
        try:
            made = await self._remade(wanted)
        except CollectError as error:
            log.info("a picture of %s: %s", _host(wanted.url), error.message)
            await asyncio.to_thread(self._note, wanted, error.code)
            return Failed(error.code)
        await asyncio.to_thread(self._keep, wanted, made)
        return made

    async def _remade(self, wanted: Wanted) -> Made:
        host = _host(wanted.url)
        gate = self._hosts.get(host)
        if gate is None:
            self._hosts[host] = gate = asyncio.Semaphore(PER_HOST)
        tools = await self._ready()
        async with gate:
            fetched = await tools.fetcher.fetch(pictures.ask(wanted.url))
        return await tools.pool.run(pictures.remade, fetched.reply.body, wanted.widths)

    async def _ready(self) -> _Tools:
        if self._tools is None:
            from collectors.http import Fetcher
            from collectors.parsing import ParserPool

            pool = self._stack.enter_context(ParserPool(WORKERS, preload=pictures.PRELOAD))
            fetcher = Fetcher(self._policy)
            self._tools = _Tools(fetcher, pool)
            await self._stack.enter_async_context(fetcher)
        return self._tools

    def _find(self, wanted: Wanted) -> Kept | Failed | None:
        try:
            return self.shelf.find(wanted.name, wanted.width, self._clock())
        except OSError as error:
            _warn("read", error)
            return None

    def _keep(self, wanted: Wanted, made: Made) -> None:
        with _sparing():
            self.stored += self.shelf.put(wanted.name, wanted.owner, made, self._clock())

    def _note(self, wanted: Wanted, code: str) -> None:
        with _sparing():
            self.shelf.fail(wanted.name, wanted.owner, wanted.widths, code, self._clock())


@contextlib.contextmanager
def _sparing() -> Iterator[None]:
    """A disk that is full or not ours costs another fetch, and no picture."""
    try:
        yield
    except OSError as error:
        _warn("written", error)


def _warn(done: str, error: OSError) -> None:
    log.warning("the pictures' folder cannot be %s: %s", done, error.strerror)


def _host(url: str) -> str:
    """What stands in logs and limits; an address without a host is refused when it is fetched."""
    try:
        return host_key(url)
    except ValueError:
        return ""
