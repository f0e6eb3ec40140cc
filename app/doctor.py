"""Checks of an installation: each says what it found and, where it fails, what mends it."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from shlex import quote
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from app.jobs.collecting import run
from app.settings import keyfile
from app.settings.masking import without_passwords
from app.wiring import Services, fetch_policy
from collectors.contract import Ask, CollectError
from collectors.http import Fetcher
from models.domain.source import MENTION, SourceState
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
    yield _data_dir(services)
    yield _secret_key(services)
    yield _time_zones()
    yield _public_url(services)
    if outgoing:
        yield _outgoing(services)
    database = list(_database(services))
    yield from database
    if all(finding.ok for finding in database):
        yield from _courses(services)
        yield from _sources(services)


def _data_dir(services: Services) -> Finding:
    path = services.settings.data_dir
    named = quote(str(path))
    if not path.exists():
        return Finding("data dir", False, f"{path} is not there yet", f"mkdir -p {named}")
    if not os.access(path, os.W_OK | os.X_OK):
        return Finding("data dir", False, f"{path} may not be written", f"sudo chown $USER {named}")
    return Finding("data dir", True, str(path))


def _secret_key(services: Services) -> Finding:
    path = keyfile.path_in(services.settings.data_dir)
    if services.settings.texts["SECRET_KEY"]:
        return Finding("secret key", True, "given by MOOCFEED_SECRET_KEY")
    if not path.exists():
        return Finding("secret key", True, f"will be made at first start, as {path}")
    if path.stat().st_mode & 0o077:
        mend = f"chmod 600 {quote(str(path))}"
        return Finding("secret key", False, f"{path} can be read by others", mend)
    return Finding("secret key", True, f"kept in {path}")


def _database(services: Services) -> Iterator[Finding]:
    url = without_passwords(services.settings.database_url)
    try:
        state = schema.check(services.database)
    except schema.SchemaError as error:
        yield Finding("database", False, f"{url}: {error}", "moocfeed settings")
        return
    yield Finding("database", True, f"{url} answers")
    if state.current is None:
        yield Finding("migrations", False, "the database is empty yet", "moocfeed migrate")
        return
    mend = "moocfeed migrate" if state.known else "git pull && make setup"
    yield Finding("migrations", state.ok, state.message, None if state.ok else mend)


def _time_zones() -> Finding:
    try:
        ZoneInfo("Europe/Berlin")
    except (OSError, ValueError, KeyError):
        return Finding("time zone", False, "no time zone database is here", "pip install tzdata")
    return Finding("time zone", True, f"the database is here; it is {now():%Y-%m-%d %H:%M} UTC")


def _public_url(services: Services) -> Finding:
    url = services.settings.public_url
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443)
    except OSError:
        return Finding(
            "public url",
            False,
            f"{url}: its host is not known here",
            "set MOOCFEED_PUBLIC_URL to the address that the outside uses",
        )
    only_here = all(ip_address(address[4][0]).is_loopback for address in found)
    return Finding("public url", True, f"{url} (on this machine only)" if only_here else url)


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
        if row.kind != MENTION:  # strangers' pages fail as they like
            yield _source(row)


def _source(row: SourceRow) -> Finding:
    name = f"source {row.id}"
    if row.state is not SourceState.ACTIVE:
        return _inactive(name, row)
    if row.last_fetch_at is None:
        return Finding(name, True, f"not asked yet: {row.url}")
    success = f"{row.last_success_at:%Y-%m-%d %H:%M} UTC" if row.last_success_at else "never"
    said = f"; {row.last_error}" if row.last_error else ""
    stale = row.last_success_at is None or now() - row.last_success_at > STALE
    return Finding(
        name,
        not (row.failures and stale),
        f"last success {success}: {row.url}{said}",
        f"moocfeed source check {quote(row.url)}" if row.failures else None,
    )


def _inactive(name: str, row: SourceRow) -> Finding:
    """Not asked any more: well, where that was a person's wish."""
    reason = f" ({row.state_reason})" if row.state_reason else ""
    message = f"{row.state.value}{reason}: {row.url}"
    if row.state is SourceState.PAUSED and row.state_reason == "by hand":
        return Finding(name, True, message)
    if row.state is SourceState.GONE:  # paused by hand, its posts stay and nobody is told any more
        return Finding(name, False, message, f"moocfeed source pause {row.id}")
    return Finding(name, False, message, f"moocfeed source resume {row.id}")
