"""The life of one source's stream: opened, read, stored, and opened again when it breaks.

Each time it comes up one poll closes the gap before it; each time it breaks polls go on at once.
Events are read and stored as answers are, but leave the source's cursor alone.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import NoReturn

from sqlalchemy.exc import SQLAlchemyError

from collectors import livestoring
from collectors.channels import ONLY_WEBSOCKET, Channels
from collectors.contract import Channel, CollectError, Event, Streaming
from collectors.faults import of_our_own
from collectors.http import HttpError
from collectors.livestoring import StreamLost, Told
from collectors.push import Tools
from collectors.reading import read_events
from collectors.registry import collector
from models.domain.links import host_key
from models.domain.pace import DAY, HOUR
from models.domain.source import HELD, SourceSpec
from models.store import sources
from models.store.intake import Answer
from models.store.sources import SourceRow

TOGETHER = 40
"""Events that are read and stored at once."""
QUEUED = 1000
"""Events that wait before the server has to."""
STEADY = 60.0
"""Seconds after which a stream that broke counts as having worked."""
LONGEST_PAUSE = 300.0
WANTS_TOKEN = "wants-token"  # noqa: S105 - a code
NO_STREAM = "no-stream"

log = logging.getLogger(__name__)


def pause(failures: int, error: CollectError, chance: float) -> float:
    """Seconds until a stream is opened again after the n-th failure running: seconds where it
    broke, hours where only a person can help. `chance` is 0 up to 1.
    """
    doubled = 2.0 ** min(failures - 1, 20)
    if error.code in {WANTS_TOKEN, NO_STREAM}:
        wait = min(HOUR * doubled, DAY)
    else:
        wait = min(doubled, LONGEST_PAUSE)
    return max(wait * (0.5 + 0.5 * chance), min(error.retry_after or 0.0, DAY))


class Stream:
    """Of one source, held under a token."""

    def __init__(self, tools: Tools, channels: Channels, source: SourceRow, token: str) -> None:
        self._tools = tools
        self._channels = channels
        self._source = source
        self._token = token
        self._up_at: float | None = None

    async def run(self) -> None:
        """Until the stream is another's, or this is cancelled."""
        failures = 0
        while True:
            try:
                error = await self._follow()
                failures = 0 if self._was_steady() else failures
                await self._put_down(error)
            except StreamLost:
                return
            except SQLAlchemyError as away:
                error = CollectError("database", f"the database is away ({type(away).__name__})")
            failures += 1
            wait = pause(failures, error, random.random())  # noqa: S311 - jitter
            log.warning("source %s: no stream for %.0f s: %s", self._source.id, wait, error.message)
            await asyncio.sleep(wait)

    def _was_steady(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._up_at is not None and now - self._up_at >= STEADY

    async def _follow(self) -> CollectError:
        """From opening the stream to its end, and what that was."""
        self._up_at = None
        try:
            await self._stay_up()
        except HttpError as error:
            return _as_refusal(error)
        except CollectError as error:
            return error
        except (StreamLost, SQLAlchemyError):
            raise
        except Exception as error:
            return of_our_own(error, self._source.id, "this stream")

    async def _stay_up(self) -> NoReturn:
        spec, secret = await asyncio.to_thread(self._prepared)
        addresses = await self._addresses(spec, secret)
        async with AsyncExitStack() as stack:
            streams = [
                await stack.enter_async_context(self._channels.open(address, secret))
                for address in addresses
            ]
            await self._tools.writer.put(livestoring.up, self._told())
            self._up_at = asyncio.get_running_loop().time()
            log.info("source %s: its stream is up", self._source.id)
            await self._read(spec, streams)

    def _prepared(self) -> tuple[SourceSpec, str]:
        assert self._source.secret is not None
        secret = self._tools.vault.open(self._source.secret)
        context = self._tools.contexts.read()[self._source.course_id]
        return sources.spec(
            self._source,
            context.course,
            participant_name=context.name_of(self._source.participant_id),
        ), secret

    async def _addresses(self, spec: SourceSpec, secret: str) -> Sequence[Channel]:
        kind = collector(self._source.kind)
        assert isinstance(kind, Streaming)
        ask = kind.locate(spec)
        async with self._tools.hosts.lease(host_key(ask.url)):
            fetched = await self._tools.fetcher.fetch(
                ask, token=secret if ask.with_secret else None, hop=self._tools.hosts.lease
            )
        return kind.channels(spec, fetched.reply)

    async def _read(self, spec: SourceSpec, streams: Sequence[AsyncIterator[Event]]) -> NoReturn:
        queue: asyncio.Queue[Event | Exception] = asyncio.Queue(QUEUED)
        pumps = [asyncio.create_task(_pump(stream, queue)) for stream in streams]
        try:
            while True:
                events, end = await _gathered(queue)
                if events:
                    await self._take_in(spec, events)
                if end is not None:
                    raise end
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _take_in(self, spec: SourceSpec, events: Sequence[Event]) -> None:
        now = self._tools.clock()
        reading = await self._tools.parsers.run(read_events, spec, events, now)
        answer = Answer(
            course_id=self._source.course_id,
            source_id=self._source.id,
            entries=reading.entries,
            deleted=reading.deleted,
            participant_id=self._source.participant_id,
            held=bool(self._source.options.get(HELD)),
        )
        if not answer.is_empty:
            told = replace(self._told(), answer=answer)
            counts = await self._tools.writer.put(livestoring.changes, told)
            log.info(
                "source %s: %d new, %d changed, %d withdrawn by its stream",
                self._source.id,
                counts.new,
                counts.changed,
                counts.withdrawn,
            )

    def _told(self) -> Told:
        return Told(self._source, self._token, self._tools.clock())

    async def _put_down(self, error: CollectError) -> None:
        code = error.code if error.code == WANTS_TOKEN else None
        await self._tools.writer.put(livestoring.down, replace(self._told(), error=code))


def _as_refusal(error: HttpError) -> CollectError:
    """What the server means by its status."""
    if error.status in {401, 403}:
        message = f"{error.host} refuses the token for its stream"
        return CollectError(WANTS_TOKEN, message, mend="give it one that may read:statuses")
    if error.status in ONLY_WEBSOCKET:
        return CollectError(NO_STREAM, f"{error.host} has no stream", mend="It is polled instead.")
    return error


async def _pump(stream: AsyncIterator[Event], queue: asyncio.Queue[Event | Exception]) -> None:
    """Into the queue what comes, and at last why no more does."""
    try:
        async for event in stream:
            await queue.put(event)
    except Exception as error:
        await queue.put(error)


async def _gathered(
    queue: asyncio.Queue[Event | Exception],
) -> tuple[list[Event], Exception | None]:
    """Waits for something, then takes what else is there; whether a stream ended, and why."""
    item = await queue.get()
    events: list[Event] = []
    while True:
        if isinstance(item, Exception):
            return events, item
        events.append(item)
        if len(events) == TOGETHER or queue.empty():
            return events, None
        item = queue.get_nowait()
