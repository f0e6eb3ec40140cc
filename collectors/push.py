"""What comes by itself: hubs are asked to deliver, and deliveries are read like any answer."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from collectors import storing, websub
from collectors.contexts import Contexts
from collectors.contract import CollectError, Reply
from collectors.hosts import Hosts
from collectors.http import Fetcher
from collectors.parsing import ParserPool
from collectors.reading import Reading, read
from collectors.vault import Vault
from collectors.writer import Writer
from models.domain.links import host_key
from models.domain.source import HELD
from models.store import leases, push, schedule, sources
from models.store.intake import Answer
from models.store.push import Delivery, Subscription
from models.store.sources import SourceRow
from models.store.touched import Counts

MOST = 10
"""Hubs asked, and deliveries read, in one go."""

PAUSE = 1.0
"""Seconds between looks at what is due."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a collector has for requests, reading and writing."""

    fetcher: Fetcher
    parsers: ParserPool
    writer: Writer
    hosts: Hosts
    contexts: Contexts
    clock: Callable[[], datetime]
    vault: Vault


class Push:
    """Works on what is due of subscriptions and deliveries.

    `callbacks`: the address below which the web service takes deliveries; None where hubs could
    not reach it, so that none is asked.
    """

    def __init__(self, tools: Tools, callbacks: str | None) -> None:
        self._tools = tools
        self._callbacks = callbacks

    @asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        """Works on it once a second while the block runs, beside whatever else goes on."""
        task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _forever(self) -> None:
        while True:
            try:
                await self.work()
            except Exception:
                log.exception("push failed; it goes on")
            await asyncio.sleep(PAUSE)

    async def work(self) -> None:
        """Whatever is due now. A database that is away is met by the next call."""
        try:
            while await self._read_deliveries():
                pass
            if self._callbacks is not None:
                await self._ask_hubs(self._callbacks)
        except SQLAlchemyError as error:
            log.warning("push waits for the database: %s", type(error).__name__)

    async def _ask_hubs(self, callbacks: str) -> None:
        due = await self._tools.writer.put(_claim_subscriptions, self._tools.clock())
        await asyncio.gather(*(self._ask_hub(one, callbacks) for one in due))

    async def _ask_hub(self, one: Subscription, callbacks: str) -> None:
        mode = "unsubscribe" if one.state == "ending" else "subscribe"
        ask = websub.request(
            mode, one.hub, one.topic, callbacks + one.callback, self._tools.vault.open(one.secret)
        )
        try:
            async with self._tools.hosts.lease(host_key(one.hub)):
                await self._tools.fetcher.fetch(ask, hop=self._tools.hosts.lease)
        except CollectError as error:
            log.warning("hub %s: %s", one.hub, error.message)
            await self._tools.writer.put(_hub_answered, (one, False, self._tools.clock()))
        else:
            await self._tools.writer.put(_hub_answered, (one, True, self._tools.clock()))

    async def _read_deliveries(self) -> int:
        due = await self._tools.writer.put(_claim_deliveries, self._tools.clock())
        for source, delivery in due:
            await self._read_delivery(source, delivery)
        return len(due)

    async def _read_delivery(self, source: SourceRow | None, delivery: Delivery) -> None:
        reading = await self._read(source, delivery) if source is not None else None
        item = Arrived(source, delivery, reading, self._tools.clock())
        counts = await self._tools.writer.put(store_delivery, item)
        if source is not None and counts.new + counts.changed + counts.withdrawn:
            log.info("source %s: %d new by push", source.id, counts.new)

    async def _read(self, source: SourceRow, delivery: Delivery) -> Reading | None:
        """None where nothing can be made of it: the next poll reads the feed itself."""
        contexts = await asyncio.to_thread(self._tools.contexts.read)
        context = contexts.get(source.course_id)
        if context is None or not delivery.body:
            return None
        spec = sources.spec(
            source, context.course, participant_name=context.name_of(source.participant_id)
        )
        reply = Reply(source.cursor.get("feed", source.url), 200, delivery.headers, delivery.body)
        try:
            return await self._tools.parsers.run(read, spec, reply, self._tools.clock())
        except CollectError as error:
            log.warning("source %s: a delivery cannot be read: %s", source.id, error.message)
            return None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery that was read; `reading` is None where the source is to be polled instead."""

    source: SourceRow | None
    delivery: Delivery
    reading: Reading | None
    now: datetime


def _claim_subscriptions(
    session: Session, moments: Sequence[datetime]
) -> list[Sequence[Subscription]]:
    return [push.claim_subscriptions(session, now, most=MOST) for now in moments]


def _hub_answered(
    session: Session, items: Sequence[tuple[Subscription, bool, datetime]]
) -> list[None]:
    for one, accepted, now in items:
        push.hub_answered(session, one, accepted=accepted, now=now)
    return [None] * len(items)


def _claim_deliveries(
    session: Session, moments: Sequence[datetime]
) -> list[list[tuple[SourceRow | None, Delivery]]]:
    return [
        [
            (sources.at(session, one.course_id, one.source_id), one)
            for one in push.claim_deliveries(session, now, most=MOST)
        ]
        for now in moments
    ]


def store_delivery(session: Session, items: Sequence[Arrived]) -> list[Counts]:
    """Takes deliveries in, each of which is forgotten with that.

    One that came before the last poll is not looked at: the poll has seen as much, or more. Nor is
    one for a source that was stopped meanwhile. A feed that claims to be complete may be delivered
    in part, so nothing is retired by push.
    """
    wanted = [item.source for item in items if item.source is not None]
    leases.lock_hosts(session, {source.host for source in wanted})
    active = sources.active(session, {(source.course_id, source.id) for source in wanted})
    return [_store(session, item, active) for item in items]


def _store(session: Session, item: Arrived, active: Collection[tuple[int, str]]) -> Counts:
    push.worked_on(session, item.delivery.id)
    source, reading = item.source, item.reading
    if source is None or (source.course_id, source.id) not in active:
        return Counts()
    if reading is None:
        schedule.make_due(session, item.now, source=source.id)
        return Counts()
    polled = source.last_fetch_at
    # A poll that is still to come, by the clock, was before it was set back.
    if polled is not None and item.delivery.received_at <= polled <= item.now:
        return Counts()
    answer = Answer(
        course_id=source.course_id,
        source_id=source.id,
        entries=reading.entries,
        withdrawn=reading.withdrawn,
        participant_id=source.participant_id,
        held=bool(source.options.get(HELD)),
    )
    (counts,) = storing.take_in(session, [(source, answer, item.now)])
    sources.derive(session, source, reading.derived, item.now)
    return counts
