"""Checks of an installation: each says what it found and, where it fails, what mends it."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from app.jobs.collecting import run
from app.wiring import Services, fetch_policy
from collectors.contract import Ask, CollectError
from collectors.http import Fetcher
from models.domain.source import SourceState
from models.store import courses, schema, sources
from models.store.sources import SourceRow

PROBE = "https://www.w3.org/2005/Atom"
"""An address that has answered for twenty years."""
STALE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `mend` is a command, or a sentence where no command can."""

    name: str
    ok: bool
    message: str
    mend: str | None = None


def examine(services: Services, *, outgoing: bool = True) -> Iterator[Finding]:
    """All checks, one after another. Where the database fails, what depends on it is left out."""
    yield Finding("data dir", True, str(services.settings.data_dir))
    yield from _time_zones()
    yield _public_url(services)
    if outgoing:
        yield _outgoing(services)
    database = list(_database(services))
    yield from database
    if all(finding.ok for finding in database):
        yield from _courses(services)
        yield from _sources(services)


def _database(services: Services) -> Iterator[Finding]:
    url = services.database.engine.url.render_as_string(hide_password=True)
    try:
        state = schema.check(services.database)
    except schema.SchemaError as error:
        yield Finding("database", False, f"{url}: {error}", "moocfeed settings")
        return
    yield Finding("database", True, f"{url} answers")
    mend = "moocfeed migrate" if state.known else "pip install --upgrade moocfeed"
    yield Finding("migrations", state.ok, state.message, None if state.ok else mend)


def _time_zones() -> Iterator[Finding]:
    try:
        ZoneInfo("Europe/Berlin")
    except (OSError, ValueError, KeyError):
        yield Finding("time zone", False, "no time zone database", "pip install tzdata")
        return
    drift = abs(datetime.now().astimezone().timestamp() - now().timestamp())
    yield Finding("time zone", drift < 1, f"{now():%Y-%m-%d %H:%M} UTC")


def _public_url(services: Services) -> Finding:
    url = services.settings.public_url
    parts = urlsplit(url)
    try:
        socket.getaddrinfo(parts.hostname, parts.port or 443)
    except OSError:
        return Finding(
            "public url",
            False,
            f"{url}: its host is not known here",
            "set MOOCFEED_PUBLIC_URL to the address that the outside uses",
        )
    return Finding("public url", True, url)


def _outgoing(services: Services) -> Finding:
    async def ask() -> None:
        async with Fetcher(fetch_policy(services.settings)) as fetcher:
            await fetcher.fetch(Ask(PROBE))

    try:
        run(ask())
    except CollectError as error:
        return Finding(
            "outgoing http", False, error.message, f"curl -sSI {PROBE}   # from this machine"
        )
    return Finding("outgoing http", True, f"{urlsplit(PROBE).hostname} answers")


def _courses(services: Services) -> Iterator[Finding]:
    try:
        with services.database.reading() as session:
            rows = courses.courses(session)
    except SQLAlchemyError as error:
        yield Finding("courses", False, schema.explain(error), "moocfeed migrate")
        return
    if not rows:
        yield Finding("courses", False, "there is none yet", "moocfeed course apply FILE")
    for row in rows:
        week = row.course.week_at(now())
        where = f"week {week.number}" if week else "outside its weeks"
        yield Finding(f"course {row.course.slug}", True, f"{row.posts} posts, {where}")


def _sources(services: Services) -> Iterator[Finding]:
    with services.database.reading() as session:
        rows = sources.listed(session)
    for row in rows:
        yield _source(row)


def _source(row: SourceRow) -> Finding:
    name = f"source {row.id}"
    if row.state is not SourceState.ACTIVE:
        reason = f" ({row.state_reason})" if row.state_reason else ""
        wanted = row.state is SourceState.PAUSED and row.state_reason == "by hand"
        return Finding(
            name,
            wanted,
            f"{row.state.value}{reason}: {row.url}",
            None if wanted else f"moocfeed source resume {row.id}",
        )
    if row.last_fetch_at is None:
        return Finding(name, True, f"not asked yet: {row.url}")
    success = f"{row.last_success_at:%Y-%m-%d %H:%M} UTC" if row.last_success_at else "never"
    said = f"; {row.last_error}" if row.last_error else ""
    stale = row.last_success_at is None or now() - row.last_success_at > STALE
    return Finding(
        name,
        not (row.failures and stale),
        f"last success {success}: {row.url}{said}",
        f"moocfeed source check {row.url}" if row.failures else None,
    )
