"""A course in a real database, and a collector over it whose clock a test sets."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from collectors.http import FetchPolicy
from collectors.pipeline import Done
from collectors.runner import Plan, running
from collectors.summary import Summary
from collectors.vault import Vault
from models.domain.course import Course, Week
from models.domain.coursefile import CourseFile, SourceEntry
from models.store import applying, sources
from models.store.applying import Applied
from models.store.engine import Database
from models.store.sources import SourceRow
from models.tables.posts import PostTable, SightingTable
from models.tables.sources import FetchTable, HostTable
from tests.collectors.loopback import policy

SLUG = "sample"
BEGIN = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
WEEK = Week(1, "Beginning", BEGIN.date() - timedelta(days=7), BEGIN.date() + timedelta(days=28))


VAULT = Vault(b"a key for tests only")


@dataclass
class Collecting:
    """Collects the course's sources, as often as it is told to."""

    database: Database
    now: datetime = BEGIN
    policy: FetchPolicy = field(default_factory=policy)
    step: timedelta = timedelta(microseconds=1)
    """How far the clock goes on each time it is looked at."""
    done: list[Done] = field(default_factory=list)
    """What became of the sources in the last run."""

    def clock(self) -> datetime:
        self.now += self.step
        return self.now

    def plan(self, **changes: Any) -> Plan:
        plan = Plan(self.policy, self.clock, VAULT, parsers=1, on_done=self.done.append)
        return replace(plan, **changes)

    def run(self, **changes: Any) -> Summary:
        """What is due now; `changes` are of the plan."""
        self.done.clear()
        return asyncio.run(self._run(self.plan(**changes)))

    async def _run(self, plan: Plan) -> Summary:
        async with running(self.database, plan) as runner, asyncio.timeout(60):
            return await runner.once()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def later_run(self, **span: float) -> Summary:
        """A run a while later: a day, unless said otherwise, for everything is due by then."""
        self.later(**(span or {"days": 1.5}))
        return self.run()

    def apply(self, *entries: tuple[str, str]) -> Applied:
        """Makes the course out of these (kind, url)."""
        course = Course(SLUG, "A sample course", ("sample",), weeks=(WEEK,))
        file = CourseFile(course, tuple(SourceEntry(kind, url) for kind, url in entries))
        with self.database.writing() as session:
            return applying.apply(session, file, self.now)

    def add(self, *entries: tuple[str, str]) -> list[str]:
        """As `apply`; returns the sources' ids in their order."""
        self.apply(*entries)
        by_url = {(row.kind, row.url): row.id for row in self.sources()}
        return [by_url[entry] for entry in entries]

    def sources(self) -> tuple[SourceRow, ...]:
        with self.database.reading() as session:
            return sources.listed(session, removed=True)

    def source(self, source_id: str) -> SourceRow:
        with self.database.reading() as session:
            return sources.get(session, source_id)

    def posts(self) -> set[str]:
        """The addresses of the visible posts."""
        with self.database.reading() as session:
            return set(session.scalars(select(PostTable.url).where(PostTable.visible)))

    def reasons(self) -> Mapping[str, str | None]:
        """External id -> reason, of entries that are not the course's."""
        query = select(SightingTable.external_id, SightingTable.reason)
        with self.database.reading() as session:
            return {row.external_id: row.reason for row in session.execute(query) if row.reason}

    def fetches(self) -> list[FetchTable]:
        """The history, oldest first."""
        with self.database.reading() as session:
            return list(session.scalars(select(FetchTable).order_by(FetchTable.at)))

    def host(self, name: str) -> HostTable | None:
        with self.database.reading() as session:
            return session.get(HostTable, name)

    def leased(self) -> set[str]:
        """Hosts that somebody has leased."""
        query = select(HostTable.host).where(HostTable.lease_token.is_not(None))
        with self.database.reading() as session:
            return set(session.scalars(query))
