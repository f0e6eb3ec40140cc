"""What happens to a source, or to its host, while it is being fetched."""

import pytest
from sqlalchemy import update

from models.domain.source import SourceState
from models.store import sources
from models.tables.sources import HostTable
from tests.collectors.courses import Collecting
from tests.collectors.pipeline.answers import FEED, on_sqlite, written
from tests.sites import Page, site


@pytest.mark.parametrize("state", [SourceState.REMOVED, SourceState.PAUSED])
def test_a_source_that_is_stopped_stays_so(collecting: Collecting, state: SourceState) -> None:
    def stop() -> None:
        row = collecting.source(feed)
        with collecting.database.writing() as session:
            sources.set_state(session, row, state, reason="by hand", now=collecting.now)

    with site({"/feed": Page(written(FEED, then=stop))}) as blog:
        (feed,) = collecting.add(("feed", f"{blog.origin}/feed"))
        summary = collecting.run()
        row = collecting.source(feed)
        assert (row.state, row.due_at, row.last_fetch_at) == (state, None, None)
        assert collecting.posts() == set()
        assert sum(summary.sources.values()) == 0
        collecting.later_run()
        assert len(blog.requests) == 1


@on_sqlite
def test_of_a_host_that_was_taken_over_nothing_more_is_asked(collecting: Collecting) -> None:
    asked_by_the_first = list[str]()

    def take_over() -> None:
        """Another collector has the host, and then dies."""
        asked_by_the_first.extend(blog.requests)
        blog.pages |= {"/a": Page(FEED), "/b": Page(FEED)}
        with collecting.database.writing() as session:
            session.execute(update(HostTable).values(lease_token="another"))
        collecting.later(seconds=21)

    with site() as blog:
        blog.pages = dict.fromkeys(("/a", "/b"), Page(written(FEED, then=take_over)))
        collecting.add(("feed", f"{blog.origin}/a"), ("feed", f"{blog.origin}/b"))
        summary = collecting.run()
    assert len(asked_by_the_first) == 1
    assert len(blog.requests) == 3
    assert summary.as_json()["sources"]["fetched"] == 2
    assert summary.posts.new == 1
