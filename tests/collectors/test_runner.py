"""Running collectors: several at once, a database that goes away, an end at any moment."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from collectors import storing
from collectors.runner import Plan, Runner, Scope, running
from models.store import engine, leases, schema
from models.store.touched import Counts
from tests import databases
from tests.collectors.courses import Collecting
from tests.databases import PostgresServer
from tests.sites import Page, item, rss, site

FEED = rss(item(1, "One #sample"))
LONG = rss(*(item(n, f"Number {n} #sample") for n in range(200)))


def feeds(count: int) -> dict[str, Page]:
    return {f"/{n}": Page(rss(item(n, f"Number {n} #sample"))) for n in range(count)}


class Crowd:
    """Notes how many ask a site at once."""

    def __init__(self) -> None:
        self.present = self.most = 0
        self._lock = threading.Lock()

    def around(self, body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
        def write(handler: BaseHTTPRequestHandler) -> None:
            with self._lock:
                self.present += 1
                self.most = max(self.most, self.present)
            threading.Event().wait(0.02)
            with self._lock:
                self.present -= 1
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        return write


def together(collecting: Collecting, collectors: int, plan: Plan | None = None) -> list[Runner]:
    """Several collectors over what is due, each with its own writer and leases."""

    async def one() -> Runner:
        async with running(collecting.database, plan or collecting.plan()) as runner:
            async with asyncio.timeout(60):
                await runner.once()
            return runner

    async def all_of_them() -> list[Runner]:
        return await asyncio.gather(*(one() for _ in range(collectors)))

    return asyncio.run(all_of_them())


def test_two_collectors_ask_each_source_once_and_a_host_one_at_a_time(
    collecting: Collecting,
) -> None:
    crowd = Crowd()
    with site(feeds(6)) as one, site(feeds(6), "127.0.0.2") as other:
        for path, page in list(one.pages.items()):
            assert isinstance(page.body, bytes)
            one.pages[path] = Page(crowd.around(page.body))
        collecting.add(
            *(("feed", f"{blog.origin}{path}") for blog in (one, other) for path in blog.pages)
        )
        runners = together(collecting, 2)
        assert sorted(one.requests) == sorted(one.pages)
        assert sorted(other.requests) == sorted(other.pages)
    assert crowd.most == 1
    assert sum(runner.summary.sources["fetched"] for runner in runners) == 12
    assert sum(runner.summary.posts.new for runner in runners) == len(collecting.posts()) == 6
    assert collecting.leased() == set()


def test_as_many_at_once_on_a_host_as_is_set(collecting: Collecting) -> None:
    crowd = Crowd()
    with site() as blog:
        blog.pages = {f"/{n}": Page(crowd.around(FEED)) for n in range(8)}
        collecting.add(*(("feed", f"{blog.origin}{path}") for path in blog.pages))
        collecting.run(per_host=3)
    assert 1 < crowd.most <= 3


def test_a_run_waits_for_what_another_collector_has_even_if_that_dies(
    collecting: Collecting,
) -> None:
    with site({"/1": Page(FEED)}) as blog:
        collecting.add(("feed", f"{blog.origin}/1"))
        with collecting.database.writing() as session:
            assert leases.claim(session, collecting.now, slots=9)

        collecting.step = timedelta(seconds=3)
        summary = collecting.run()
    assert summary.sources["fetched"] == 1


def test_a_run_may_be_narrowed(collecting: Collecting) -> None:
    with site(feeds(3)) as blog:
        ids = collecting.add(*(("feed", f"{blog.origin}/{n}") for n in range(3)))
        summary = collecting.run(scope=Scope(source=ids[1]))
        assert (summary.sources["fetched"], blog.requests) == (1, ["/1"])
        assert collecting.run(scope=Scope(course="another")).sources["fetched"] == 0
        assert collecting.run(scope=Scope(course="sample")).sources["fetched"] == 2


def test_every_source_may_be_asked_due_or_not(collecting: Collecting) -> None:
    async def scenario() -> tuple[int, int]:
        async with running(collecting.database, collecting.plan()) as runner:
            before = await runner.due()
            return before, await runner.due(every=True)

    with site(feeds(2)) as blog:
        ids = collecting.add(*(("feed", f"{blog.origin}/{n}") for n in range(2)))
        collecting.run()
        assert asyncio.run(scenario()) == (0, 2)
        assert collecting.run().sources["unchanged"] == 2
    assert len(ids) == 2


def test_it_goes_on_with_what_becomes_due_until_it_is_stopped(collecting: Collecting) -> None:
    async def scenario() -> None:
        stop, tick = asyncio.Event(), asyncio.Event()
        done = asyncio.Event()
        plan = collecting.plan(on_done=lambda _: done.set())
        async with running(collecting.database, plan) as runner:
            going = asyncio.create_task(runner.forever(stop, tick))
            for n in range(2):
                await asyncio.to_thread(
                    collecting.add, *(("feed", f"{blog.origin}/{m}") for m in range(n + 1))
                )
                tick.set()
                async with asyncio.timeout(20):
                    await done.wait()
                done.clear()
            stop.set()
            tick.set()
            await going

    with site(feeds(2)) as blog:
        asyncio.run(scenario())
        assert blog.requests == ["/0", "/1"]
    assert len(collecting.posts()) == 2
    assert collecting.leased() == set()


def test_at_the_end_what_hangs_is_broken_off_and_given_back(
    collecting: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.runner.GRACE", 0.1)
    asked = threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        handler.connection.settimeout(20)
        handler.connection.recv(1)

    async def scenario() -> None:
        async with running(collecting.database, collecting.plan()) as runner:
            once = asyncio.create_task(runner.once())
            assert await asyncio.to_thread(asked.wait, 20)
            once.cancel()

    with site({"/1": Page(hang), "/2": Page(FEED)}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/1"))
        asyncio.run(scenario())
        row = collecting.source(feed)
        assert (row.failures, row.last_fetch_at) == (0, None)
        assert collecting.leased() == set()
        blog.pages["/1"] = Page(FEED)
        assert collecting.run().posts.new == 1  # it stayed due


class Away:
    """A database that can be taken away for a while."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)

    @contextmanager
    def away(self) -> Iterator[None]:
        if self._url.get_backend_name() == "sqlite":
            path = Path(self._url.database or "")
            hidden = path.with_suffix(".away")
            path.rename(hidden)
            path.mkdir()  # nothing can be opened or made there
            yield
            path.rmdir()
            hidden.rename(path)
            return
        name = self._url.database
        where = self._url.query["host"]
        admin = f"host={where} user={self._url.username} dbname=postgres"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
            yield
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        made = databases.sqlite_url(tmp_path)
        with databases.opened(made) as database:
            schema.migrate(database)
        return made
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.migrated()


def test_a_database_that_is_away_for_a_while_costs_nothing(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes while a feed is being fetched, and is back some tries later."""
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.2)
    with databases.opened(url) as database, site(feeds(4)) as blog:
        collecting = Collecting(database, step=timedelta(seconds=1))
        collecting.add(*(("feed", f"{blog.origin}/{n}") for n in range(4)))
        gone, absence = threading.Event(), Away(url).away()

        def go(handler: BaseHTTPRequestHandler) -> None:
            if not gone.is_set():
                database.dispose()
                absence.__enter__()
                gone.set()
                threading.Timer(2, lambda: absence.__exit__(None, None, None)).start()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        body = rss(item(2, "Number 2 #sample"))
        blog.pages["/2"] = Page(go)
        summary = collecting.run()
        assert gone.is_set()
        assert summary.as_json()["sources"] == {"fetched": 4, "unchanged": 0, "failed": 0}
        assert summary.posts.new == len(collecting.posts()) == 4
        assert collecting.leased() == set()
        assert {row.failures for row in collecting.sources()} == {0}


def test_a_database_that_stays_away_ends_a_single_run(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.runner.DATABASE_AWAY", 0.2)
    monkeypatch.setattr(engine, "LOCK_TIMEOUT", 0.2)
    with databases.opened(url) as database:
        database.dispose()
        with Away(url).away(), pytest.raises(OperationalError):
            Collecting(database).run()


def test_a_full_disk_costs_nothing_once_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself refuses to grow the file, as it does when the disk is full."""
    url = databases.sqlite_url(tmp_path)
    refusals: list[str] = []
    real = storing.finish

    def finish(session: Session, items: Sequence[storing.Finished]) -> list[Counts]:
        pages = session.scalar(text("PRAGMA page_count"))
        room = pages if len(refusals) < 2 else 2**30
        session.execute(text(f"PRAGMA max_page_count = {room}"))
        try:
            return real(session, items)
        except OperationalError as error:
            refusals.append(str(error.orig))
            raise

    monkeypatch.setattr(storing, "finish", finish)
    with databases.opened(url) as database, site({"/0": Page(LONG)}) as blog:
        schema.migrate(database)
        collecting = Collecting(database, step=timedelta(seconds=1))
        collecting.add(("feed", f"{blog.origin}/0"))
        summary = collecting.run()
        assert refusals == ["database or disk is full"] * 2
        assert summary.as_json()["sources"] == {"fetched": 1, "unchanged": 0, "failed": 0}
        assert summary.posts.new == len(collecting.posts()) == 200
        assert collecting.leased() == set()


def test_ten_thousand_entries_in_one_feed(collecting: Collecting) -> None:
    entries = (item(n, f"Entry {n} of one #sample feed") for n in range(10_000))
    with site({"/all": Page(rss(*entries))}) as blog:
        collecting.add(("feed", f"{blog.origin}/all"))
        summary = collecting.run()
        assert summary.as_json()["sources"] == {"fetched": 1, "unchanged": 0, "failed": 0}
        assert summary.posts.new == len(collecting.posts()) == 10_000
        again = collecting.later_run()
        assert again.posts == Counts()
        assert len(collecting.posts()) == 10_000
