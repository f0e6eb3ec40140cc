"""Looking back at real servers: what comes in, what stays as it is, and where it goes on."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from collectors.backfill import Backfill
from collectors.lookback import LookBack, LookedBack, Outcome
from collectors.runner import equipped
from models.domain.source import SourceState
from models.store import leases, sources
from models.store.engine import Database
from models.store.withdrawing import withdraw_source
from models.tables.backfills import BackfillTable
from models.tables.courses import CourseTable
from models.tables.posts import SightingTable
from models.tables.sources import FetchTable, SourceTable
from tests.collectors.archives import atom, by_wordpress, chain, entry, paged, wordpress
from tests.collectors.courses import BEGIN, Collecting
from tests.collectors.pipeline.answers import OTHER, on_sqlite, written
from tests.servers.mastodon import Instance, instance
from tests.servers.web import Request, Response, as_json, served
from tests.sites import Page, item, rss, site

LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
"""Before everything these sites hold."""


def blog(*days: int) -> set[str]:
    return {f"https://blog.example/{day}" for day in days}


class Looking:
    """Looks back at all sources of a course, on a clock that its waits set forward."""

    def __init__(self, collecting: Collecting) -> None:
        self.collecting = collecting
        self.waited: list[float] = []
        collecting.now = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.collecting.later(seconds=seconds)
        await asyncio.sleep(0)

    def back(self, since: datetime | None = LONG_AGO, **changes: Any) -> Sequence[LookedBack]:
        return asyncio.run(self._back(LookBack(since=since, sleep=self.sleep, **changes)))

    async def _back(self, plan: LookBack) -> Sequence[LookedBack]:
        async with (
            equipped(self.collecting.database, self.collecting.plan()) as tools,
            asyncio.timeout(60),
        ):
            wanted = self.collecting.sources()
            return await Backfill(self.collecting.database, tools, plan).run(wanted)

    def one(self, since: datetime | None = LONG_AGO, **changes: Any) -> LookedBack:
        (done,) = self.back(since, **changes)
        return done


@pytest.fixture
def looking(collecting: Collecting) -> Looking:
    return Looking(collecting)


def rows(database: Database, table: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.execute(select(table.__table__)))


def test_an_archive_is_read_to_its_end(looking: Looking) -> None:
    collecting = looking.collecting
    with site(chain([[18, 17], [12, 11], [], [3, 2]])) as server:
        collecting.add(("feed", f"{server.origin}/feed"))
        collecting.run()
        assert collecting.posts() == blog(18, 17)
        server.requests.clear()
        done = looking.one()
        assert (done.outcome, done.error, done.new) == (Outcome.COMPLETE, None, 4)
        assert collecting.posts() == blog(18, 17, 12, 11, 3, 2)
        assert server.requests == ["/feed", "/archive/1", "/archive/2", "/archive/3"]
        again = looking.one()
        assert (again.outcome, again.new, again.pages) == (Outcome.COMPLETE, 0, 0)
        assert len(server.requests) == 4
    assert done.walk is not None
    assert done.walk.oldest == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert collecting.leased() == set()


def test_wordpress_is_asked_for_its_pages(looking: Looking) -> None:
    collecting = looking.collecting
    with site(wordpress([18, 16, 14, 12, 10])) as server:
        collecting.add(("feed", f"{server.origin}/feed/"))
        collecting.run()
        server.requests.clear()
        done = looking.one()
        assert paged(server.requests) == ["1", "2", "3", "4"]
    assert (done.outcome, done.new, done.error) == (Outcome.COMPLETE, 3, None)
    assert collecting.posts() == blog(18, 16, 14, 12, 10)


def test_a_blog_by_the_feed_that_was_found(looking: Looking) -> None:
    page = b'<html><link rel="alternate" type="application/rss+xml" href="/feed/"></html>'
    with site({"/": Page(page, "text/html"), **wordpress([18, 16, 14])}) as server:
        looking.collecting.add(("blog", server.origin))
        failed = looking.one()
        assert failed.outcome is Outcome.FAILED
        assert failed.error is not None
        assert "moocfeed collect --once --source" in failed.error.text
        looking.collecting.run()
        assert looking.one().new == 1
    assert looking.collecting.posts() == blog(18, 16, 14)


def test_it_ends_where_all_is_earlier_and_goes_on_for_whoever_wants_more(looking: Looking) -> None:
    collecting = looking.collecting
    with site(wordpress(range(2, 20))) as server:
        collecting.add(("feed", f"{server.origin}/feed/"))
        collecting.run()
        server.requests.clear()
        done = looking.one(datetime(2026, 11, 13, tzinfo=UTC))
        assert done.outcome is Outcome.COMPLETE
        assert collecting.posts() == blog(*range(13, 20))
        assert paged(server.requests) == ["1", "2", "3", "4", "5"]  # 12 and 13 on the fourth
        assert looking.one(datetime(2026, 11, 15, tzinfo=UTC)).pages == 0
        server.requests.clear()
        done = looking.one(datetime(2026, 11, 9, tzinfo=UTC))
        assert collecting.posts() == blog(*range(9, 20))
        assert paged(server.requests) == ["4", "5", "6", "7"]
        assert done.new == 4


def test_what_breaks_off_goes_on_where_it_was(looking: Looking) -> None:
    collecting = looking.collecting
    with site(wordpress(range(2, 20))) as server:
        collecting.add(("feed", f"{server.origin}/feed/"))
        done = looking.one(most_pages=3)
        assert done.outcome is Outcome.UNFINISHED
        assert done.error is not None
        assert "Run the same command again" in done.error.text
        server.pages["/feed/?paged=4"] = Page(b"", status=500)
        failed = looking.one(retries=(1.0,))
        assert (failed.outcome, failed.pages) == (Outcome.FAILED, 0)
        assert paged(server.requests) == ["1", "2", "3", "4", "4"]
        server.pages |= wordpress(range(2, 20))
        server.requests.clear()
        assert looking.one().outcome is Outcome.COMPLETE
        assert paged(server.requests) == [str(page) for page in range(4, 11)]
    assert collecting.posts() == blog(*range(2, 20))


def test_it_begins_anew_where_that_is_wanted(looking: Looking) -> None:
    """And what then breaks off goes on from there."""
    collecting = looking.collecting
    with site(wordpress([14, 12, 10, 8])) as server:
        collecting.add(("feed", f"{server.origin}/feed/"))
        looking.one()
        server.pages |= wordpress([18, 17, 16, 15, 14, 12, 10, 8])
        assert looking.one().pages == 0
        assert looking.one(anew=True, most_pages=2).new == 4
        assert looking.one().outcome is Outcome.COMPLETE
    assert collecting.posts() == blog(18, 17, 16, 15, 14, 12, 10, 8)


def test_the_ordinary_collecting_is_not_disturbed(looking: Looking) -> None:
    collecting = looking.collecting
    with site(chain([[18, 17], [12]])) as server:
        collecting.add(("feed", f"{server.origin}/feed"))
        collecting.run()
        before = rows(collecting.database, SourceTable), rows(collecting.database, FetchTable)
        assert looking.one(None).new == 1
        after = rows(collecting.database, SourceTable), rows(collecting.database, FetchTable)
        assert after == before
        assert collecting.later_run().as_json()["sources"]["unchanged"] == 1
    assert server.answered_304 == 1
    assert collecting.posts() == blog(18, 17, 12)


def test_what_is_known_stays_as_it_is(looking: Looking) -> None:
    """An archive holds entries as they once were."""
    collecting = looking.collecting
    archive = atom(
        entry(18, day=18, text="an earlier version"),
        entry(17, day=17, tag="other"),
        entry(16, day=16),
        entry(12, day=12),
    )
    whole = [entry(18, day=18, text="the last version"), entry(17, day=17)]
    with site() as server:
        server.pages["/feed"] = Page(
            atom(*whole, entry(16, day=16), older="/old"), "application/atom+xml"
        )
        server.pages["/old"] = Page(archive, "application/atom+xml")
        collecting.add(("feed", f"{server.origin}/feed"))
        collecting.run()
        tombstone = (
            '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0"'
            ' ref="https://blog.example/16" when="2026-11-19T08:00:00Z"/>'
        )
        server.pages["/feed"] = Page(atom(*whole, tombstone, older="/old"), "application/atom+xml")
        collecting.later(days=2)
        collecting.run()
        assert collecting.posts() == blog(18, 17)
        before = rows(collecting.database, SightingTable)
        assert looking.one().new == 1
    assert collecting.posts() == blog(18, 17, 12)
    after = rows(collecting.database, SightingTable)
    assert [row for row in after if row in before] == before


def test_a_deletion_on_a_newer_page_holds_for_older_ones(looking: Looking) -> None:
    tombstone = (
        '<at:deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0"'
        ' ref="https://blog.example/12" when="2026-11-19T08:00:00Z"/>'
    )
    with site() as server:
        server.pages["/feed"] = Page(
            atom(entry(18, day=18), tombstone, older="/old"), "application/atom+xml"
        )
        server.pages["/old"] = Page(
            atom(entry(12, day=12), entry(11, day=11), older="/older"), "application/atom+xml"
        )
        server.pages["/older"] = Page(atom(entry(12, day=12)), "application/atom+xml")
        looking.collecting.add(("feed", f"{server.origin}/feed"))
        looking.one()
    assert looking.collecting.posts() == blog(18, 11)


def test_an_archive_that_calls_itself_complete_retires_nothing(looking: Looking) -> None:
    complete = '<fh:complete xmlns:fh="http://purl.org/syndication/history/1.0"/>'
    with site() as server:
        server.pages["/feed"] = Page(atom(entry(18, day=18), older="/old"), "application/atom+xml")
        server.pages["/old"] = Page(atom(complete, entry(12, day=12)), "application/atom+xml")
        looking.collecting.add(("feed", f"{server.origin}/feed"))
        looking.collecting.run()
        looking.one()
    assert looking.collecting.posts() == blog(18, 12)


@on_sqlite
@pytest.mark.parametrize("loop", ["/feed", "/archive/1", "/archive/0"])
def test_a_circle_ends(looking: Looking, loop: str) -> None:
    with site(chain([[18], [12], [11]])) as server:
        server.pages["/archive/0"] = server.pages["/feed"]
        server.pages["/archive/2"] = Page(
            atom(entry(11, day=11), older=loop), "application/atom+xml"
        )
        looking.collecting.add(("feed", f"{server.origin}/feed"))
        assert looking.one().outcome is Outcome.COMPLETE
        assert len(server.requests) == 4


@on_sqlite
def test_a_page_that_is_always_the_same_ends(looking: Looking) -> None:
    with site({"/feed": Page(by_wordpress(rss(item(1, "#sample", day=18))))}) as server:
        looking.collecting.add(("feed", f"{server.origin}/feed"))
        assert looking.one().outcome is Outcome.COMPLETE
        assert paged(server.requests) == ["1", "2"]


@on_sqlite
@pytest.mark.parametrize("end", [Page(rss()), Page(b"<html>Sorry", "text/html"), Page(b"")])
def test_further_ends_of_a_wordpress_blog(looking: Looking, end: Page) -> None:
    pages = {**wordpress([18, 16, 14]), "/feed/?paged=3": end}
    with site(pages) as server:
        looking.collecting.add(("feed", f"{server.origin}/feed/"))
        assert looking.one().outcome is Outcome.COMPLETE
        assert paged(server.requests) == ["1", "2", "3"]


@on_sqlite
def test_an_endless_archive_is_bounded(looking: Looking) -> None:
    class Endless(dict[str, Page]):
        def get(self, path: str, default: Any = None) -> Any:
            number = int(path.rpartition("/")[2] or 0) if "archive" in path else 0
            parts = [entry(100 + number, day=18)] if number % 2 else []
            return Page(atom(*parts, older=f"/archive/{number + 1}"), "application/atom+xml")

    with site() as server:
        server.pages = Endless()
        looking.collecting.add(("feed", f"{server.origin}/feed"))
        done = looking.one(most_pages=12)
        assert (done.outcome, len(server.requests)) == (Outcome.UNFINISHED, 12)
        assert looking.one(most_pages=12).outcome is Outcome.UNFINISHED
        assert server.requests[-1] == "/archive/23"


@on_sqlite
def test_archives_elsewhere_are_asked_under_that_hosts_lease(looking: Looking) -> None:
    held = list[set[str]]()
    collecting = looking.collecting

    def old(handler: Any) -> None:
        held.append(collecting.leased())
        written(atom(entry(12, day=12)))(handler)

    with site({"/old": Page(old)}, OTHER) as other, site() as server:
        server.pages["/feed"] = Page(atom(entry(18, day=18), older=f"{other.origin}/old"))
        collecting.add(("feed", f"{server.origin}/feed"))
        assert looking.one().outcome is Outcome.COMPLETE
    assert held == [{server.netloc, other.netloc}]
    assert collecting.posts() == blog(18, 12)


@on_sqlite
@pytest.mark.parametrize("address", ["http://10.1.2.3/old", "http://localhost:1/old", "ftp://x/"])
def test_no_archive_leads_behind_the_guard(looking: Looking, address: str) -> None:
    with site({"/feed": Page(atom(entry(18, day=18), older=address))}) as server:
        looking.collecting.add(("feed", f"{server.origin}/feed"))
        done = looking.one(retries=())
    assert done.outcome in {Outcome.FAILED, Outcome.NO_PAST}
    assert done.error is not None


@on_sqlite
def test_sources_without_a_past_say_so(looking: Looking) -> None:
    collecting = looking.collecting
    with site({"/feed": Page(rss(item(1, "#sample", day=18)))}) as server:
        collecting.add(
            ("feed", f"{server.origin}/feed"),
            ("youtube", f"{server.origin}/channel/UC{'a' * 22}"),
            ("x", "https://x.com"),
        )
        done = looking.back()
    assert {each.outcome for each in done} == {Outcome.NO_PAST}
    texts = " ".join(each.error.text for each in done if each.error)
    for words in ("names no older entries", "latest 15 videos", "last seven days"):
        assert words in texts


def test_one_that_is_paused_is_left_alone(looking: Looking) -> None:
    collecting = looking.collecting
    with site(chain([[18], [12]])) as server:
        (feed,) = collecting.add(("feed", f"{server.origin}/feed"))
        with collecting.database.writing() as session:
            row = sources.get(session, feed)
            sources.set_state(session, row, SourceState.PAUSED, reason=None, now=BEGIN)
        assert looking.one().outcome is Outcome.SKIPPED
        assert server.requests == []


def test_one_that_is_paused_meanwhile_stores_nothing_more(looking: Looking) -> None:
    collecting = looking.collecting

    def pause() -> None:
        with collecting.database.writing() as session:
            row = sources.get(session, feed)
            sources.set_state(session, row, SourceState.PAUSED, reason=None, now=BEGIN)

    with site(chain([[18], [12], [11]])) as server:
        (feed,) = collecting.add(("feed", f"{server.origin}/feed"))
        server.pages["/archive/1"] = Page(
            written(atom(entry(12, day=12), older="/archive/2"), then=pause)
        )
        assert looking.one().outcome is Outcome.SKIPPED
        assert "/archive/2" not in server.requests
    assert collecting.posts() == blog(18)


def test_never_beside_a_collectors_run(looking: Looking) -> None:
    """It waits until the host is given back; a dead collector's lease runs out."""
    collecting = looking.collecting
    with site(chain([[18], [12]])) as server:
        collecting.add(("feed", f"{server.origin}/feed"))
        with collecting.database.writing() as session:
            token = leases.take(session, server.netloc, collecting.clock())
        seen = list[bool]()

        def look(handler: Any) -> None:
            row = collecting.host(server.netloc)
            seen.append(row is not None and row.lease_token != token)
            written(atom(entry(18, day=18), older="/archive/1"))(handler)

        server.pages["/feed"] = Page(look)
        collecting.step = timedelta(seconds=4)
        assert looking.one().outcome is Outcome.COMPLETE
    assert seen == [True]


def test_other_hashtags_begin_anew(looking: Looking) -> None:
    collecting = looking.collecting
    with site(chain([[18], [12]])) as server:
        server.pages["/archive/1"] = Page(atom(entry(12, day=12, tag="another")))
        collecting.add(("feed", f"{server.origin}/feed"))
        looking.one()
        assert collecting.posts() == blog(18)
        with collecting.database.writing() as session:
            course = session.scalars(select(CourseTable)).one()
            course.hashtags = ["sample", "another"]
            course.updated_at = collecting.clock()
        assert looking.one().new == 1
    assert collecting.posts() == blog(18, 12)
    assert len(rows(collecting.database, BackfillTable)) == 1


def test_a_source_that_comes_back_gets_its_past_again(looking: Looking) -> None:
    collecting = looking.collecting
    with site(chain([[18], [12]])) as server:
        (feed,) = collecting.add(("feed", f"{server.origin}/feed"))
        looking.one()
        with collecting.database.writing() as session:
            row = sources.get(session, feed)
            withdraw_source(session, row.course_id, feed, collecting.clock())
            sources.set_state(session, row, SourceState.REMOVED, reason=None, now=BEGIN)
        assert collecting.posts() == set()
        with collecting.database.writing() as session:
            url = f"{server.origin}/feed"
            sources.add(session, row.course_id, kind="feed", url=url, now=collecting.clock())
        assert looking.one().new == 2
    assert collecting.posts() == blog(18, 12)


# Timelines.


def filled(count: int) -> Instance:
    """An hour between two statuses, the last one of 20 November."""
    made = Instance()
    newest = datetime(2026, 11, 20, 8, tzinfo=UTC)
    for number in range(count):
        at = newest - timedelta(hours=count - number)
        made.post(f"Sample {number} #sample", created_at=at.isoformat())
    return made


def max_ids(requests: Sequence[Request]) -> list[str | None]:
    return [request.value("max_id") for request in requests if "timelines" in request.path]


def test_a_timeline_is_paged_by_max_id(looking: Looking) -> None:
    collecting, made = looking.collecting, filled(90)
    with instance(made) as server:
        collecting.add(("mastodon", server.origin))
        done = looking.one()
        assert max_ids(server.requests) == [None, "1051", "1011", "1001"]
    assert (done.outcome, done.new) == (Outcome.COMPLETE, 90)
    assert len(collecting.posts()) == 90


def test_posts_of_before_the_course_stay_once_they_were_wanted(looking: Looking) -> None:
    """Neither polls nor checks of older posts take them back as too old."""
    collecting, made = looking.collecting, Instance()
    for day in (3, 13, 23):
        made.post("Before #sample", created_at=f"2026-10-{day:02}T08:00:00+00:00")
    made.post("In the course #sample", created_at="2026-11-03T08:00:00+00:00")
    with instance(made) as server:
        collecting.add(("mastodon", server.origin))
        collecting.run()
        assert len(collecting.posts()) == 1
        assert looking.one(datetime(2026, 10, 10, tzinfo=UTC)).new == 2
        server.requests.clear()
        for _ in range(3):
            collecting.later_run(hours=30)
            collecting.run(every=True)
        assert any(request.path == "/api/v1/statuses" for request in server.requests)
        assert not any(request.value("max_id") for request in server.requests)
    assert len(collecting.posts()) == 3


class Limited:
    """An instance that counts requests in windows, as Mastodon does."""

    def __init__(self, made: Instance, limit: int, looking: Looking) -> None:
        self.made, self.limit, self.looking = made, limit, looking
        self.window = timedelta(minutes=15)
        self.reset = datetime.min.replace(tzinfo=UTC)
        self.left = 0
        self.refused = 0

    def answer(self, request: Request) -> Response:
        now = self.looking.collecting.now
        if now >= self.reset:
            self.left, self.reset = self.limit, now + self.window
        if self.left == 0:
            self.refused += 1
            return Response(b"{}", 429, headers=self.headers(now))
        self.left -= 1
        answer = self.made.answer(request)
        return Response(answer.body, answer.status, headers=self.headers(now))

    def headers(self, now: datetime) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": str((self.reset - now).total_seconds()),
        }


@on_sqlite
def test_it_leaves_the_last_requests_of_a_limit_to_the_collectors(looking: Looking) -> None:
    made = filled(900)
    limited = Limited(made, 20, looking)
    with served(limited.answer) as server:
        made.domain = server.netloc
        looking.collecting.add(("mastodon", server.origin))
        waits = list[float]()
        done = looking.one(on_wait=lambda source, seconds: waits.append(seconds))
    assert done.outcome is Outcome.COMPLETE
    assert limited.refused == 0
    assert len(waits) == 1
    assert 800 < waits[0] <= 900
    assert len(looking.collecting.posts()) == 900


@on_sqlite
@pytest.mark.parametrize("named", [True, False])
def test_a_refusal_is_waited_for_by_everybody(looking: Looking, named: bool) -> None:
    collecting, made = looking.collecting, filled(90)
    refused = list[datetime]()

    def answer(request: Request) -> Response:
        if request.value("max_id") and not refused:
            refused.append(collecting.now)
            return Response(b"{}", 429, headers={"Retry-After": "120"} if named else {})
        return made.answer(request)

    with served(answer) as server:
        made.domain = server.netloc
        collecting.add(("mastodon", server.origin))
        done = looking.one()
        row = collecting.host(server.netloc)
    assert done.outcome is Outcome.COMPLETE
    assert row is not None
    assert row.not_before is not None
    rest = timedelta(seconds=120 if named else 300)
    assert rest <= row.not_before - refused[0] < rest + timedelta(seconds=2)
    assert len(collecting.posts()) == 90


@on_sqlite
def test_a_long_rest_is_left_to_the_next_run(looking: Looking) -> None:
    made = filled(90)

    def answer(request: Request) -> Response:
        if request.value("max_id"):
            return as_json({}, 429, Retry_After="7200")
        return made.answer(request)

    with served(answer) as server:
        made.domain = server.netloc
        looking.collecting.add(("mastodon", server.origin))
        done = looking.one()
        assert (done.outcome, done.new) == (Outcome.UNFINISHED, 40)
        assert done.error is not None
        assert "120 minutes" in done.error.text
        again = looking.one()  # the host still rests: nothing is asked
        assert again.outcome is Outcome.UNFINISHED
        assert len(server.requests) == 2


@on_sqlite
def test_one_that_always_refuses_is_not_asked_for_ever(looking: Looking) -> None:
    with served(lambda request: as_json({}, 429, Retry_After="1")) as server:
        looking.collecting.add(("mastodon", server.origin))
        assert looking.one().outcome is Outcome.UNFINISHED
        assert len(server.requests) == 6


@on_sqlite
def test_a_failure_of_one_source_stops_no_other(looking: Looking) -> None:
    pages = {**chain([[18], [12]]), "/broken": Page(b"", status=500)}
    with site(pages) as server, site({"/feed": Page(b"", status=404)}, OTHER) as other:
        looking.collecting.add(
            ("feed", f"{server.origin}/broken"),
            ("feed", f"{other.origin}/feed"),
            ("feed", f"{server.origin}/feed"),
        )
        done = looking.back()
    outcomes = {each.source.url: each.outcome for each in done}
    assert outcomes == {
        f"{server.origin}/broken": Outcome.FAILED,
        f"{other.origin}/feed": Outcome.FAILED,
        f"{server.origin}/feed": Outcome.COMPLETE,
    }


@on_sqlite
def test_two_at_once_read_each_page_once(looking: Looking) -> None:
    with site(wordpress(range(2, 20))) as server:
        looking.collecting.add(("feed", f"{server.origin}/feed/"))

        async def both() -> Sequence[Sequence[LookedBack]]:
            plan = LookBack(since=LONG_AGO, breath=(0.0, 0.0))
            return await asyncio.gather(looking._back(plan), looking._back(plan))

        found = asyncio.run(both())
        assert sorted(paged(server.requests), key=int) == [str(page) for page in range(1, 11)]
    assert sum(done.new for (done,) in found) == 18
    assert {done.outcome for (done,) in found} == {Outcome.COMPLETE}
