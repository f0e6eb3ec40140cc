"""Failures: each is told in a sentence, backs off, and stops no other source."""

import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from models.domain.source import SourceState
from models.store import intake, schedule
from models.tables.sources import SourceTable
from tests.collectors.courses import Collecting
from tests.collectors.pipeline.answers import FEED, LOGIN, endless, on_sqlite, silent, written
from tests.sites import Page, site


def test_404_backs_off_and_deletes_nothing(collecting: Collecting) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        del blog.pages["/feed"]
        waits = []
        for _ in range(4):
            assert collecting.later_run().as_json()["sources"]["failed"] == 1
            due = collecting.source(feed).due_at
            assert due is not None
            waits.append(round((due - collecting.now).total_seconds()))
        assert waits == [600, 1200, 2400, 4800]
        row = collecting.source(feed)
        assert (row.state, row.failures) == (SourceState.ACTIVE, 4)
        assert row.error_code == "http-404"
        assert collecting.posts() == {"https://blog.example/1"}
        blog.pages["/feed"] = Page(FEED)
        collecting.later_run()
        assert collecting.source(feed).last_error is None


def test_410_stops_it(collecting: Collecting) -> None:
    with site({"/feed": Page(status=410)}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        row = collecting.source(feed)
        assert (row.state, row.due_at) == (SourceState.GONE, None)
        collecting.later_run()
    assert len(blog.requests) == 1


def test_fourteen_days_without_success_pause_it(collecting: Collecting) -> None:
    with site({"/feed": Page(status=500)}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        for _ in range(13):
            collecting.later_run(days=1, minutes=1)
        assert collecting.source(feed).state is SourceState.ACTIVE
        collecting.later_run(days=1, minutes=1)
        row = collecting.source(feed)
        assert (row.state, row.due_at) == (SourceState.PAUSED, None)
        assert row.state_reason
        assert "14 days" in row.state_reason


@on_sqlite
def test_a_kind_this_version_does_not_know(collecting: Collecting) -> None:
    with site({"/feed": Page(FEED)}) as blog:
        odd, _ = collecting.add(("feed", f"{blog.origin}/odd"), ("feed", f"{blog.origin}/feed"))
        with collecting.database.writing() as session:
            session.execute(update(SourceTable).where(SourceTable.id == odd).values(kind="fax"))
        summary = collecting.run()
    assert summary.as_json()["sources"] == {"fetched": 1, "unchanged": 0, "failed": 1}
    assert collecting.source(odd).error_code == "internal"


def test_what_cannot_be_stored_fails_its_source_alone(
    collecting: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = intake.take_in_all

    def take_in_all(session: Session, answers: Sequence[intake.Answer], now: datetime) -> Any:
        if any(answer.source_id == odd for answer in answers):
            session.execute(text("SELECT no_such_column FROM sources"))
        return real(session, answers, now)

    monkeypatch.setattr(intake, "take_in_all", take_in_all)
    with site({"/feed": Page(FEED), "/odd": Page(FEED)}) as blog:
        odd, _ = collecting.add(("feed", f"{blog.origin}/odd"), ("feed", f"{blog.origin}/feed"))
        summary = collecting.run()
    assert summary.as_json()["sources"] == {"fetched": 1, "unchanged": 0, "failed": 1}
    assert collecting.source(odd).error_code == "internal"


BAD = {
    "/login": (Page(LOGIN, "text/html"), "not-a-feed", "web page"),
    "/pdf": (Page(b"%PDF-1.7 \x00", "application/pdf"), "not-a-feed", "PDF"),
    "/endless": (Page(endless), "too-large", "5 MiB"),
    "/loop": (Page(status=302, headers={"Location": "/loop"}), "redirect-loop", "circle"),
    "/hangs": (Page(silent), "timeout", "did not finish"),
    "/empty": (Page(b""), "empty-body", "empty"),
    "/cut": (Page(written(b"<rss", ("Content-Encoding", "gzip"))), "bad-body", "decompressed"),
    "/long": (Page(FEED, headers={"Content-Encoding": "br"}), "bad-body", "coding"),
}


def test_no_bad_source_stops_another(
    collecting: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    collecting.policy = replace(collecting.policy, total_timeout=2)
    real = socket.getaddrinfo

    def lookup(host: str, *rest: Any, **named: Any) -> Any:
        if host.endswith(".example"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with site({path: page for path, (page, _, _) in BAD.items()}) as blog:
        blog.pages["/zz-good"] = Page(FEED)
        expected = {f"{blog.origin}{path}": told for path, (_, *told) in BAD.items()}
        expected["http://10.1.2.3/feed"] = ["refused-address", "public web addresses"]
        expected["http://nowhere.example/feed"] = ["dns", "cannot be found"]
        collecting.add(*(("feed", url) for url in (*expected, f"{blog.origin}/zz-good")))
        summary = collecting.run()
    assert summary.as_json()["sources"] == {
        "fetched": 1, "unchanged": 0, "failed": len(expected)
    }  # fmt: skip
    assert collecting.posts() == {"https://blog.example/1"}
    for row in collecting.sources():
        if row.url in expected:
            code, words = expected[row.url]
            assert (row.error_code, words in (row.last_error or "")) == (code, True), row.last_error
            assert "\n" not in (row.last_error or "")


def test_a_failure_that_cannot_be_stored_either_is_put_off(
    collecting: Collecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be due, and fail, for ever."""

    def record(session: Session, _: Any) -> None:
        session.execute(text("SELECT no_such_column FROM sources"))

    monkeypatch.setattr(schedule, "record", record)
    with site({"/feed": Page(FEED)}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        assert len(blog.requests) == 1
    due = collecting.source(feed).due_at
    assert due is not None
    assert due > collecting.now
    assert collecting.leased() == set()
