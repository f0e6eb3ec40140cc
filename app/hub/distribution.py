"""Telling subscribers: intents are verified, and what changed is delivered.

Each look at the database claims a few, each of another host; each is worked on by a task of its
own, so that one who is slow, or is away, holds up nobody else. What a process had claimed when it
was killed, another takes up when the claim is over.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.clock import now
from app.hub import messages
from app.hub.address import PATH
from app.hub.editions import Editions
from app.wiring import Services, fetch_policy
from collectors.contract import CollectError
from collectors.http import Fetcher, HttpError
from collectors.vault import Vault
from models.store import intents, subscribers
from models.store.intents import Intent
from models.store.subscribers import Subscriber

T = TypeVar("T")

PAUSE = 0.5
"""Seconds between two looks at what is due."""
AT_ONCE = 24
"""Requests under way, each at another host."""
MOST_FAILING, MOST_VERIFYING = AT_ONCE // 4, AT_ONCE // 3
"""Of these, to those that failed last time, and to those that only asked."""
PATIENCE = 10.0
"""Seconds that a subscriber may take to answer."""
GRACE = 2.0
"""Seconds for what is under way at the end."""
ENDED = 410
"""Section 7: the subscriber wants no more."""
TAKEN = frozenset({"too-large", "bad-body"})
"""Codes of errors that come after a good status: what else a subscriber says does not matter."""
REASON = "there is no such feed, or no room for more subscriptions to it from this host"

log = logging.getLogger(__name__)


class Hub:
    """Works on what is due at the hub. Made by `running`."""

    def __init__(self, services: Services, fetcher: Fetcher) -> None:
        self._database = services.database
        self._address = f"{services.settings.public_url}{PATH}"
        self._fetcher = fetcher
        self._vault = Vault(services.settings.secret_key)
        self._editions = Editions(services)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """By host: each has one request at a time."""
        self._verifying: set[str] = set()
        self._failing: set[str] = set()
        """Those of them that failed last time."""

    async def forever(self) -> None:
        """Looks for work until it is cancelled."""
        while True:
            try:
                await self._look()
            except Exception:
                log.exception("the hub failed; it goes on")
            await asyncio.sleep(PAUSE)

    async def once(self) -> None:
        """Works on what is due now, and ends."""
        while await self._look() or self._tasks:
            if tasks := list(self._tasks.values()):
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def end(self) -> None:
        """Lets what is under way finish for a moment."""
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _look(self) -> bool:
        """Starts what is due; whether there was anything."""
        try:
            claimed = await asyncio.to_thread(self._claim)
        except SQLAlchemyError as error:
            log.warning("the hub waits for the database: %s", type(error).__name__)
            return False
        for intent in claimed[0]:
            self._verifying.add(intent.host)
            self._start(intent.host, self._verify(intent))
        for one in claimed[1]:
            if one.failures:
                self._failing.add(one.host)
            self._start(one.host, self._tell(one))
        return bool(claimed[0] or claimed[1])

    def _claim(self) -> tuple[list[Intent], list[Subscriber]]:
        """Only where something is due: on SQLite there is one writer at a time."""
        free, moment = AT_ONCE - len(self._tasks), now()
        with self._database.reading() as session:
            is_due = intents.is_due(session, moment) or subscribers.is_due(session, moment)
        if not is_due or free < 1:
            return [], []
        busy = set(self._tasks)
        with self._database.writing() as session:
            verifying = min(free, MOST_VERIFYING - len(self._verifying))
            asked = list(intents.claim(session, moment, most=verifying, busy=busy))
            busy |= {one.host for one in asked}
            told = subscribers.claim(
                session,
                moment,
                most=free - len(asked),
                most_failing=MOST_FAILING - len(self._failing),
                busy=busy,
            )
        return asked, list(told)

    def _start(self, host: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks[host] = task
        task.add_done_callback(lambda done: self._done(host, done))

    def _done(self, host: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(host, None)
        self._verifying.discard(host)
        self._failing.discard(host)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, SQLAlchemyError):  # the claim runs out, and it is done again
            log.warning("the hub waits for the database: %s", type(error).__name__)
        elif error is not None:
            log.error("the hub failed at %s", host, exc_info=error)

    async def _verify(self, one: Intent) -> None:
        if one.mode == "denied":
            await self._deny(one)
            return
        challenge = secrets.token_urlsafe(32)
        lease = one.lease_seconds if one.mode == "subscribe" else None
        ask = messages.verification(one.callback, one.mode, one.topic, challenge, lease)
        try:
            answer = await self._fetcher.fetch(ask)
        except CollectError as error:
            log.info("hub: %s is not verified: %s", one.host, error.message)
            await self._write(intents.unmet if _is_passing(error) else _forget, one)
            return
        if answer.reply.body == challenge.encode():
            await self._write(intents.confirmed, one)
        else:
            await self._write(_forget, one)

    async def _deny(self, one: Intent) -> None:
        try:
            await self._fetcher.fetch(messages.denial(one.callback, one.topic, REASON))
        except CollectError as error:
            log.info("hub: %s was not told that it is denied: %s", one.host, error.message)
        await self._write(_forget, one)

    async def _tell(self, one: Subscriber) -> None:
        edition = await asyncio.to_thread(self._editions.newest, one.topic)
        if edition is None:
            await self._write(_end_and_deny, one)
            return

        def told(session: Session, one: Subscriber, moment: datetime) -> None:
            subscribers.told(session, one, edition.revision, edition.digest, moment)

        if edition.digest == one.digest:
            await self._write(told, one)  # what changed is not in this feed
            return
        try:
            secret = self._vault.open(one.secret) if one.secret is not None else None
            ask = messages.delivery(
                one.callback, one.topic, self._address, edition.document, secret
            )
            await self._fetcher.fetch(ask)
        except CollectError as error:
            if error.code in TAKEN:
                await self._write(told, one)
                return
            log.info("hub: %s could not be told: %s", one.host, error.message)
            await self._write(_end if _is_over(error) else subscribers.failed, one)
        else:
            await self._write(told, one)

    async def _write(self, change: Callable[[Session, T, datetime], object], one: T) -> None:
        def write() -> None:
            with self._database.writing() as session:
                change(session, one, now())

        await asyncio.to_thread(write)


@asynccontextmanager
async def running(services: Services) -> AsyncIterator[Hub]:
    """The hub. At the end what is under way gets a moment."""
    policy = replace(
        fetch_policy(services.settings),
        concurrency=AT_ONCE,
        connect_timeout=PATIENCE,
        total_timeout=PATIENCE,
    )
    async with Fetcher(policy) as fetcher:
        hub = Hub(services, fetcher)
        try:
            yield hub
        finally:
            await hub.end()


def _forget(session: Session, one: Intent, _now: datetime) -> None:
    intents.dropped(session, one)


def _end(session: Session, one: Subscriber, _now: datetime) -> None:
    subscribers.ended(session, one.course_id, one.id)


def _end_and_deny(session: Session, one: Subscriber, moment: datetime) -> None:
    subscribers.ended(session, one.course_id, one.id)
    intents.deny(session, one.course_id, one.topic, one.callback, moment)


def _is_passing(error: CollectError) -> bool:
    """Whether nobody was met; whoever answers that it was not meant is asked no more."""
    return not isinstance(error, HttpError) or error.status >= 500 or error.status == 429


def _is_over(error: CollectError) -> bool:
    return isinstance(error, HttpError) and error.status == ENDED
