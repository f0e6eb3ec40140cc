"""Recent search: seven days, what was bought, and never more than may be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collectors.contract import RESTS, CollectError
from collectors.x import XCollector
from models.domain.source import SourceSpec
from tests.collectors.specs import spec
from tests.servers.web import Response, Run, as_json, run
from tests.servers.x import NOW, TOKEN, RecentSearch

KIND = XCollector()


def source(
    cap: int | None = 5000, *hashtags: str, now: datetime = NOW, **fields: Any
) -> SourceSpec:
    options = {} if cap is None else {"max_reads_a_month": cap}
    return spec("x", "https://x.com", *hashtags, now=now, options=options, **fields)


def collect(search: RecentSearch, made: SourceSpec) -> Run:
    search.now = datetime.fromtimestamp(made.now, UTC)
    return run(KIND, made, search.answer, TOKEN)


def failure(search: RecentSearch, made: SourceSpec) -> CollectError:
    with pytest.raises(CollectError) as caught:
        collect(search, made)
    return caught.value


def test_the_last_seven_days_page_by_page_then_what_is_new() -> None:
    search = RecentSearch()
    for hour in range(250):
        search.post(hour + 0.5)
    made = collect(search, source())
    assert len(set(made.ids)) == 168
    assert len(made.ids) == 168
    later = NOW + timedelta(hours=2)
    search.now = later
    search.post(1)
    again = collect(search, source(cursor=made.cursor, now=later))
    assert len(again.ids) == 1
    assert "since_id" in again.asks[0].url


def test_what_is_asked() -> None:
    ask = KIND.ask(source(5000, "muster", "probe"))
    assert ask.url.startswith("https://api.x.com/2/tweets/search/recent?")
    assert "query=%28%23muster+OR+%23probe%29+-is%3Aretweet" in ask.url
    assert ask.with_secret
    elsewhere = spec("x", "http://127.0.0.1:99/", options={"max_reads_a_month": 100})
    assert KIND.ask(elsewhere).url.startswith("http://127.0.0.1:99/2/")


def test_an_accounts_address_is_no_search() -> None:
    options = {"max_reads_a_month": 100}
    for path in ("", "/", "/hashtag/muster", "/search?q=%23muster"):
        assert KIND.ask(spec("x", f"https://x.com{path}", options=options))
    with pytest.raises(CollectError) as caught:
        KIND.ask(spec("x", "https://x.com/muster11", options=options))
    assert caught.value.code == "no-account"


def test_a_first_look_is_small() -> None:
    search = RecentSearch()
    for hour in range(50):
        search.post(hour)
    made = collect(search, source())
    assert len(made.batches[0].posts) == 10
    assert "max_results=10&" in made.asks[0].url
    assert "max_results=100&" in made.asks[1].url


def test_an_id_out_of_reach_is_not_sent() -> None:
    search = RecentSearch()
    search.post(1)
    made = collect(search, source())
    later = NOW + timedelta(days=9)
    search.now = later
    search.post(1)
    again = collect(search, source(cursor=made.cursor, now=later))
    assert "since_id" not in again.asks[0].url
    assert len(again.ids) == 1


@pytest.mark.parametrize("hours", [30, -30, 24 * 30])
def test_nothing_before_the_courses_start(hours: int) -> None:
    search = RecentSearch()
    for hour in range(100):
        search.post(hour + 0.5)
    since = (NOW - timedelta(hours=hours)).timestamp()
    made = collect(search, source(since=since))
    assert len(made.ids) == min(max(hours, 0), 100)
    if hours == 30:
        assert search.sold == 30 + 2, "and nothing before it was bought"
        assert "start_time=2026-10-19T06%3A00%3A00Z" in made.asks[0].url


def test_a_token_of_paging_that_has_run_out() -> None:
    search = RecentSearch()
    search.post(1)
    stale = {"newest": "1", "next": "b1", "since": None, "top": "1"}
    made = collect(search, source(cursor=stale))
    assert len(made.ids) == 1
    assert "next" not in made.cursor


@pytest.mark.parametrize("cap", [60, 61, 100, 119, 120, 250, 600])
def test_the_cap_is_never_passed(cap: int) -> None:
    search = RecentSearch()
    for minute in range(2000):
        search.post(minute / 60)
    cursor: Any = {}
    code = ""
    for minute in range(60):
        made = source(cap, cursor=cursor, now=NOW + timedelta(minutes=minute))
        try:
            cursor = dict(collect(search, made).cursor)
        except CollectError as error:
            code = error.code
            break
    assert code == RESTS
    assert 0 < search.sold <= cap
    assert cursor["spent"] == {"month": "2026-10", "reads": search.sold}
    assert cap - search.sold < 60


def test_the_next_month_has_its_own_reads() -> None:
    search = RecentSearch()
    search.post(1)
    spent = {"spent": {"month": "2026-10", "reads": 4990}}
    error = failure(search, source(cursor=spent))
    assert (error.code, search.sold) == (RESTS, 0)
    assert "4990 of 5000 reads of 2026-10 are used: X is asked again on 2026-11-01" in error.message
    assert error.retry_after == (datetime(2026, 11, 1, tzinfo=UTC) - NOW).total_seconds()
    november = datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC)
    search.now = november
    search.post(1)
    made = collect(search, source(cursor=spent, now=november))
    assert made.cursor["spent"] == {"month": "2026-11", "reads": search.sold}


def test_december_ends_with_the_year() -> None:
    spent = {"spent": {"month": "2026-12", "reads": 5000}}
    error = failure(RecentSearch(), source(cursor=spent, now=datetime(2026, 12, 31, tzinfo=UTC)))
    assert "2027-01-01" in error.message
    assert error.retry_after == 86_400


def test_without_a_cap_nothing_is_bought() -> None:
    search = RecentSearch()
    assert failure(search, source(None)).code == "wants-option"
    assert search.sold == 0


def problem(status: int, title: str, kind: str = "about:blank", **headers: str) -> Response:
    return as_json({"title": title, "type": kind, "detail": "…"}, status, **headers)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (problem(401, "Unauthorized"), "wants-token"),
        (problem(403, "Forbidden", "https://api.x.com/2/problems/client-forbidden"), "wants-token"),
        (problem(402, "CreditsDepleted"), "no-credits"),
        (problem(400, "Invalid Request"), "refused"),
        (problem(429, "Too Many Requests"), "http-429"),
        (Response(b"<html>"), "not-x"),
    ],
)
def test_refusals(refusal: Response, code: str) -> None:
    search = RecentSearch(refusal=refusal)
    error = failure(search, source())
    assert error.code == code
    assert error.mend


def test_the_limit_of_requests_names_its_end() -> None:
    reset = str(int(NOW.timestamp()) + 300)
    search = RecentSearch(refusal=problem(429, "Too Many Requests", x_rate_limit_reset=reset))
    assert failure(search, source()).retry_after == 300


def test_the_accounts_own_limit() -> None:
    kind = "https://api.x.com/2/problems/usage-capped"
    search = RecentSearch(refusal=problem(429, "UsageCapExceeded", kind))
    error = failure(search, source())
    assert error.code == RESTS
    assert error.retry_after == (datetime(2026, 11, 1, tzinfo=UTC) - NOW).total_seconds()


def test_an_empty_answer_is_a_success() -> None:
    made = collect(RecentSearch(), source())
    assert made.ids == []
    assert made.cursor == {"spent": {"month": "2026-10", "reads": 0}}
