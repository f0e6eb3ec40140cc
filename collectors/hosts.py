"""The hosts this process has leased: taken for a request, renewed while held, given back."""

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from collectors import storing
from collectors.contract import CollectError
from collectors.storing import LeaseLost
from collectors.writer import Writer
from models.store.leases import LEASE, Claim

HEARTBEAT = 5.0
"""Seconds between renewals: a lease of 20 seconds outlives three that fail."""
POLL = 0.25
"""Seconds between two tries to get a host that is leased to another."""
MARGIN = timedelta(seconds=2)
"""A lease that ends sooner than this is renewed before it is relied upon."""

log = logging.getLogger(__name__)


class HostBusy(CollectError):
    """A further host that a request leads to cannot be asked now: leased to another, or resting."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "host-busy",
            f"another request to {host} is under way, or it asked to be left alone",
            mend="It is asked again in a moment by itself.",
        )
        self.host = host


class Hosts:
    """The leases of one collector.

    `patience`: seconds to wait for a host another talks to, on average.
    """

    def __init__(self, writer: Writer, clock: Callable[[], datetime], *, patience: float) -> None:
        self._writer = writer
        self._clock = clock
        self._patience = patience
        self._held: dict[Claim, datetime] = {}
        """Until when each lease is known to hold."""

    def hold(self, claims: Collection[Claim], since: datetime) -> None:
        """From now on these leases, taken or renewed at `since`, are renewed until released."""
        self._held.update(dict.fromkeys(claims, since + LEASE))

    async def require(self, claim: Claim) -> None:
        """Returns while the lease holds; asks the database only where it may have run out.

        A process that was suspended finds its hosts with other collectors. Raises `LeaseLost`.
        """
        until = self._held.get(claim)
        if until is not None and self._clock() > until - MARGIN:
            await self._renew([claim])
        if claim not in self._held:
            raise LeaseLost(claim[0])

    @contextlib.asynccontextmanager
    async def lease(self, host: str) -> AsyncIterator[Claim]:
        """Holds one more host. Raises `HostBusy`."""
        claim = await self._take(host)
        try:
            yield claim
        finally:
            await self.release(claim)

    async def _take(self, host: str) -> Claim:
        # Two that wait for each other's host must not give up, and try again, at the same time.
        rest = self._patience * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        while True:
            now = self._clock()
            taken = await self._writer.put(storing.take, (host, now))
            if taken.token is not None:
                self.hold([(host, taken.token)], now)
                return host, taken.token
            if rest <= 0 or taken.rests:
                raise HostBusy(host)
            rest -= POLL
            await asyncio.sleep(POLL)

    async def release(self, claim: Claim) -> None:
        """Gives a host back; where the database is away, the lease runs out by itself."""
        self._held.pop(claim, None)
        try:
            await self._writer.put(storing.release, claim)
        except SQLAlchemyError as error:
            log.warning("a lease could not be given back: %s", type(error).__name__)

    async def release_all(self) -> None:
        """Gives everything back."""
        for claim in list(self._held):
            await self.release(claim)

    async def keep(self) -> None:
        """Renews what is held, for ever; to be cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                await self._renew(list(self._held))
            except SQLAlchemyError as error:
                log.warning("leases could not be renewed: %s", type(error).__name__)

    async def _renew(self, claims: Collection[Claim]) -> None:
        """Lengthens leases, and forgets those that are another's by now."""
        if not claims:
            return
        now = self._clock()
        renewed = await self._writer.put(storing.renew, (claims, now))
        for claim in claims:
            if claim not in self._held:
                continue  # given back meanwhile
            if claim in renewed:
                self._held[claim] = now + LEASE
            else:
                del self._held[claim]
