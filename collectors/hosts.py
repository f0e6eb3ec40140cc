"""The hosts this process has leased: taken for a request, renewed while held, given back."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from collectors import storing
from collectors.contract import CollectError
from collectors.outcomes import BUSY
from collectors.writer import Writer
from models.store.leases import Claim

HEARTBEAT = 5.0
"""Seconds between renewals: a lease of 20 seconds outlives three that fail."""
POLL = 0.25

log = logging.getLogger(__name__)


class Hosts:
    """The leases of one collector. `patience`: seconds to wait for a host another talks to."""

    def __init__(self, writer: Writer, clock: Callable[[], datetime], *, patience: float) -> None:
        self._writer = writer
        self._clock = clock
        self._patience = patience
        self.held: set[Claim] = set()

    @contextlib.asynccontextmanager
    async def lease(self, host: str) -> AsyncIterator[None]:
        """Holds one more host. Raises `CollectError` with code `host-busy`."""
        claim = host, await self._take(host)
        self.held.add(claim)
        try:
            yield
        finally:
            await self.release(claim)

    async def _take(self, host: str) -> str:
        rest = self._patience
        while (token := await self._writer.put(storing.take, (host, self._clock()))) is None:
            if rest <= 0:
                raise CollectError(
                    BUSY,
                    f"another request to {host} is under way",
                    mend="It is asked again in a moment by itself.",
                )
            rest -= POLL
            await asyncio.sleep(POLL)
        return token

    async def release(self, claim: Claim) -> None:
        """Gives a host back; where the database is away, the lease runs out by itself."""
        self.held.discard(claim)
        try:
            await self._writer.put(storing.release, claim)
        except SQLAlchemyError as error:
            log.warning("a lease could not be given back: %s", type(error).__name__)

    async def release_all(self) -> None:
        """Gives everything back."""
        for claim in list(self.held):
            await self.release(claim)

    async def keep(self) -> None:
        """Renews what is held, for ever; to be cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT)
            if self.held:
                try:
                    await self._writer.put(storing.renew, (tuple(self.held), self._clock()))
                except SQLAlchemyError as error:
                    log.warning("leases could not be renewed: %s", type(error).__name__)
