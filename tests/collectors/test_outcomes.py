"""What an answer or a failure means for its source: pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors import outcomes
from collectors.contract import CollectError, Hints, Reply
from collectors.http import Fetched, HttpError, Validators
from collectors.outcomes import Outcome, Rest
from collectors.reading import Reading
from models.domain.source import Match, SourceState
from models.store.sources import SourceRow
from tests.collectors.courses import BEGIN

URL = "https://blog.example/feed"
BOUNDS = (600.0, 86_400.0)
DAY = timedelta(days=1)


def source(**changes: Any) -> SourceRow:
    empty: dict[str, Any] = dict.fromkeys(SourceRow.__dataclass_fields__)
    known = {
        "course_id": 1, "course": "sample", "id": "s1", "kind": "feed", "url": URL,
        "match": Match.HASHTAG, "options": {}, "from_file": False, "state": SourceState.ACTIVE,
        "host": "blog.example", "due_at": BEGIN, "cursor": {}, "moves_seen": 0, "hints": {},
        "failures": 0, "created_at": BEGIN,
    }  # fmt: skip
    return SourceRow(**(empty | known | changes))


def fetched(status: int = 200, **changes: Any) -> Fetched:
    plain = Fetched(
        Reply(URL, status, {}, b"body"),
        Validators('"a"', "Monday"),
        not_modified=status == 304,
        moved_to=None,
        seconds=0.5,
        fresh_for=None,
    )
    return replace(plain, **changes)


def reading(**changes: Any) -> Reading:
    plain = Reading((), {}, False, None, None, Hints(), False, ())
    return replace(plain, **changes)


def succeeded(
    row: SourceRow | None = None,
    answer: Fetched | None = None,
    read: Reading | None = None,
    **changes: Any,
) -> Outcome:
    usual: dict[str, Any] = {
        "times": [], "bounds": BOUNDS, "body_digest": "d", "rule_digest": "r",
        "conditional": True, "now": BEGIN, "chance": 0.5,
    }  # fmt: skip
    return outcomes.succeeded(
        row or source(), answer or fetched(), read or reading(), **(usual | changes)
    )


def wait(outcome: Outcome) -> float:
    due: datetime = outcome.values["due_at"]
    return (due - outcome.at).total_seconds()


def test_a_success_forgets_failures_and_keeps_what_the_next_request_needs() -> None:
    row = source(failures=3, failing_since=BEGIN - DAY, last_error="x", error_code="dns")
    outcome = succeeded(row)
    assert outcome.outcome == "fetched"
    assert {name: outcome.values[name] for name in ("failures", "failing_since", "last_error")} == {
        "failures": 0, "failing_since": None, "last_error": None
    }  # fmt: skip
    assert (outcome.values["etag"], outcome.values["last_modified"]) == ('"a"', "Monday")
    assert (outcome.values["body_digest"], outcome.values["rule_digest"]) == ("d", "r")


def test_validators_of_another_address_than_the_next_are_dropped() -> None:
    outcome = succeeded(conditional=False)
    assert (outcome.values["etag"], outcome.values["body_digest"]) == (None, None)


def test_what_is_known_changes_neither_cursor_nor_digest_nor_hints() -> None:
    row = source(hints={"a_day": 2.0, "ttl": 7200.0})
    outcome = outcomes.succeeded(
        row, fetched(304), None,
        times=[], bounds=BOUNDS, body_digest="d", rule_digest="r", conditional=True, now=BEGIN,
        chance=0.5,
    )  # fmt: skip
    assert outcome.outcome == "unchanged"
    assert not {"cursor", "body_digest", "title"} & outcome.values.keys()
    assert outcome.values["hints"] == row.hints
    assert wait(outcome) == 7200


class TestPace:
    def test_it_follows_how_often_a_feed_posts(self) -> None:
        seldom = succeeded(times=[BEGIN - 20 * DAY, BEGIN - 300 * DAY])
        often = succeeded(times=[BEGIN - n * DAY / 4 for n in range(40)])
        silent = succeeded(times=[BEGIN - 70 * DAY])
        assert 600 <= wait(often) < wait(seldom) < wait(silent) <= 86_400
        assert wait(silent) > 80_000

    def test_a_window_that_is_short_says_more_than_its_length(self) -> None:
        """Ten entries of one day are ten a day, though a month had room for more."""
        outcome = succeeded(times=[BEGIN - n * DAY / 10 for n in range(10)])
        assert outcome.values["hints"]["a_day"] == 10

    def test_a_day_while_its_news_come_by_themselves(self) -> None:
        lively = [BEGIN - n * DAY / 40 for n in range(40)]
        pushed = source(pushed_until=BEGIN + DAY)
        assert wait(succeeded(pushed, times=lively)) > 80_000
        timeline = succeeded(pushed, times=lively, bounds=(20.0, 120.0))
        assert timeline.values["interval"] == 600
        over = source(pushed_until=BEGIN)
        assert wait(succeeded(over, times=lively)) < 7200

    def test_hints_lengthen_it_to_a_day_at_the_most(self) -> None:
        lively = [BEGIN - n * DAY / 8 for n in range(100)]
        assert 600 <= wait(succeeded(times=lively)) < 700
        assert wait(succeeded(times=lively, answer=fetched(fresh_for=5000.0))) == 5000
        assert 80_000 < wait(succeeded(times=lively, answer=fetched(fresh_for=1e7))) <= 86_400
        assert wait(succeeded(times=lively, read=reading(hints=Hints(ttl=3600)))) == 3600

    def test_skipped_hours_and_days_are_left_out(self) -> None:
        outcome = succeeded(read=reading(hints=Hints(skip_hours=frozenset(range(12, 20)))))
        assert outcome.values["due_at"] == BEGIN.replace(hour=20)
        later = succeeded(read=reading(hints=Hints(skip_days=frozenset({1}))))
        assert later.values["due_at"] == (BEGIN + DAY).replace(hour=0)
        assert BEGIN.weekday() == 1

    def test_jitter_spreads_it(self) -> None:
        waits = {wait(succeeded(times=[BEGIN - DAY], chance=chance)) for chance in (0.0, 0.5, 0.99)}
        assert len(waits) == 3

    def test_of_a_timeline_what_is_new_adds_up(self) -> None:
        """Its answers hold only what is new, where a feed shows its newest every time."""
        row, now = source(kind="mastodon"), BEGIN
        for _ in range(2000):
            now += timedelta(hours=1)
            times = [now - timedelta(minutes=n) for n in range(10)]
            outcome = succeeded(
                row, read=reading(partial=True), times=times, now=now, bounds=(20, 120)
            )
            row = replace(row, hints=outcome.values["hints"], last_success_at=now)
        assert row.hints["a_day"] == pytest.approx(240, rel=0.1)
        assert 20 <= wait(outcome) < 25
        for _ in range(100):
            now += DAY
            outcome = succeeded(row, read=reading(partial=True), now=now, bounds=(20, 120))
            row = replace(row, hints=outcome.values["hints"], last_success_at=now)
        assert row.hints["a_day"] < 10
        assert 100 < wait(outcome) <= 120

    def test_of_all_answers_of_a_run(self) -> None:
        times = [BEGIN - timedelta(hours=n) for n in range(28 * 24)]
        outcome = succeeded(read=reading(partial=True), times=times, bounds=(20, 120))
        assert outcome.values["hints"]["a_day"] == pytest.approx(24)


class TestMoving:
    def test_each_sighting_of_the_same_address_counts(self) -> None:
        row = source()
        for seen in (1, 2, 3):
            outcome = succeeded(row, fetched(moved_to="https://new.example/"))
            assert outcome.values["moves_seen"] == seen
            row = replace(row, moving_to=outcome.values["moving_to"], moves_seen=seen)
        assert succeeded(row, fetched(moved_to="https://x.example/")).values["moves_seen"] == 1
        assert succeeded(row).values["moves_seen"] == 0
        assert outcomes.failed(row, _error(), bounds=BOUNDS, now=BEGIN).values["moves_seen"] == 0


def _error(code: str = "dns", retry_after: float | None = None) -> CollectError:
    return CollectError(code, "something failed", mend="mend it", retry_after=retry_after)


class TestFailures:
    def test_they_back_off_to_a_day(self) -> None:
        waits = [
            wait(outcomes.failed(source(failures=n), _error(), bounds=BOUNDS, now=BEGIN))
            for n in range(12)
        ]
        assert waits[:4] == [600, 1200, 2400, 4800]
        assert waits[-1] == 86_400
        assert waits == sorted(waits)

    def test_retry_after_only_lengthens_it(self) -> None:
        for said, expected in ((1.0, 600), (7200.0, 7200), (1e9, 30 * 86_400)):
            error = HttpError(503, "blog.example", said)
            assert wait(outcomes.failed(source(), error, bounds=BOUNDS, now=BEGIN)) == expected

    @pytest.mark.parametrize(
        ("error", "rest"),
        [
            (HttpError(429, "b.example", 90.0), Rest("b.example", 90.0)),
            (HttpError(429, "b.example"), Rest("b.example", 600.0)),
            (HttpError(503, "b.example", 90.0), Rest("b.example", 90.0)),
            (HttpError(503, "b.example"), None),
            (HttpError(404, "b.example"), None),
            (_error(), None),
        ],
    )
    def test_what_makes_a_host_rest(self, error: CollectError, rest: Rest | None) -> None:
        assert outcomes.failed(source(), error, bounds=BOUNDS, now=BEGIN).rest == rest

    def test_a_used_up_limit_makes_it_rest_after_a_success(self) -> None:
        assert succeeded(answer=fetched(rest=30.0)).rest == Rest("blog.example", 30.0)
        assert succeeded().rest is None

    def test_they_keep_validators_cursor_and_what_was_learnt(self) -> None:
        values = outcomes.failed(source(), _error(), bounds=BOUNDS, now=BEGIN).values
        assert (
            not {"etag", "last_modified", "body_digest", "cursor", "hints", "url"} & values.keys()
        )
        assert values["last_error"] == "Something failed. Mend it."

    def test_410_is_gone_at_once(self) -> None:
        values = outcomes.failed(
            source(), HttpError(410, "b.example"), bounds=BOUNDS, now=BEGIN
        ).values
        assert (values["state"], values["due_at"]) == ("gone", None)

    @pytest.mark.parametrize(("days", "paused"), [(13.9, False), (14.1, True)])
    def test_after_14_days_it_is_paused(self, days: float, paused: bool) -> None:
        row = source(failures=20, failing_since=BEGIN - timedelta(days=days))
        values = outcomes.failed(row, _error(), bounds=BOUNDS, now=BEGIN).values
        assert (values.get("state") == "paused") is paused
        assert (values["due_at"] is None) is paused

    def test_a_clock_that_went_back_does_not_prolong_them(self) -> None:
        row = source(failures=1, failing_since=BEGIN + DAY)
        values = outcomes.failed(row, _error(), bounds=BOUNDS, now=BEGIN).values
        assert values["failing_since"] == BEGIN


class TestNaming:
    def test_what_no_database_can_hold_is_left_out(self) -> None:
        assert succeeded(read=reading(title="a\0b\ud800")).values["title"] == "ab"
        error = CollectError("x", "said a\0b\ud800")
        values = outcomes.failed(source(), error, bounds=BOUNDS, now=BEGIN).values
        assert values["last_error"] == "Said ab."

    def test_the_feeds_title_is_taken_unless_one_was_given(self) -> None:
        named = reading(title="T" * 400, homepage="https://blog.example/")
        values = succeeded(read=named).values
        assert (values["title"], values["homepage"]) == ("T" * 300, "https://blog.example/")
        assert "title" not in succeeded(source(options={"title": "Mine"}), read=named).values
        assert not {"title", "homepage"} & succeeded().values.keys()
