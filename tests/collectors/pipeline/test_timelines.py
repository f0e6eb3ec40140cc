"""Timelines through the pipeline: pages, refusals, several instances."""

import pytest
from sqlalchemy import update

from models.tables.courses import CourseTable
from tests.collectors.courses import BEGIN, Collecting
from tests.collectors.pipeline.answers import JSON, OTHER, TIMELINE, on_sqlite, page_of
from tests.sites import Page, site


def test_what_came_before_a_failure_stays_and_counts(collecting: Collecting) -> None:
    with site({TIMELINE: Page(page_of(60, 99), JSON)}) as instance:
        instance.pages[f"{TIMELINE}?limit=40&max_id=60"] = Page(status=500)
        (source,) = collecting.add(("mastodon", instance.origin))
        summary = collecting.run()
        assert summary.as_json()["sources"]["failed"] == 1
        assert summary.posts.new == len(collecting.posts()) == 40
        assert collecting.fetches()[-1].new == 40
        instance.pages[f"{TIMELINE}?limit=40&max_id=60"] = Page(page_of(50, 59), JSON)
        instance.pages[f"{TIMELINE}?limit=40&max_id=50"] = Page(b"[]", JSON)
        instance.requests.clear()
        assert collecting.later_run().posts.new == 10
        assert len([path for path in instance.requests if path.startswith(TIMELINE)]) == 2
        assert collecting.source(source).failures == 0


def test_an_instance_that_opens_again_is_read_again(collecting: Collecting) -> None:
    with site({TIMELINE: Page(b'{"error": "no"}', JSON, 403)}) as instance:
        (source,) = collecting.add(("mastodon", instance.origin))
        for _ in range(2):
            collecting.later_run()
            assert collecting.source(source).error_code == "wants-token"
        instance.pages[TIMELINE] = Page(page_of(1, 3), JSON)
        assert collecting.later_run().posts.new == 3


def test_several_instances_are_merged_and_the_origin_is_shown(collecting: Collecting) -> None:
    with site(host=OTHER) as home, site() as copy:
        uri, url = f"{home.origin}/users/ada/1", f"{home.origin}/@ada/1"
        copied = page_of(
            5, 5, uri=uri, url=f"{copy.origin}/@ada@there/5", created_at="2026-11-03T10:00:00Z"
        )
        own = page_of(1, 1, uri=uri, url=url, created_at="2026-11-03T10:00:00.123Z")
        copy.pages[TIMELINE] = Page(copied, JSON)
        collecting.add(("mastodon", copy.origin))
        collecting.run()
        assert collecting.posts() == {f"{copy.origin}/@ada@there/5"}
        home.pages[TIMELINE] = Page(own, JSON)
        collecting.add(("mastodon", copy.origin), ("mastodon", home.origin))
        summary = collecting.later_run(minutes=5)
        assert (summary.posts.new, summary.posts.changed) == (0, 1)
        assert collecting.posts() == {url}


@on_sqlite
@pytest.mark.parametrize(("hashtag", "path"), [("other", "other"), ("führung", "f%C3%BChrung")])
def test_another_hashtag_is_read_from_the_beginning(
    collecting: Collecting, hashtag: str, path: str
) -> None:
    """Asked for as it is spelled: not all servers take ü for u."""
    with site({TIMELINE: Page(page_of(1, 3), JSON)}) as instance:
        collecting.add(("mastodon", instance.origin))
        collecting.run()
        tagged = page_of(1, 3, tags=[{"name": hashtag}])
        instance.pages[f"/api/v1/timelines/tag/{path}"] = Page(tagged, JSON)
        with collecting.database.writing() as session:
            session.execute(update(CourseTable).values(hashtags=[hashtag], updated_at=BEGIN))
        instance.requests.clear()
        assert collecting.later_run().as_json()["sources"]["fetched"] == 1
        assert instance.requests[0] == f"/api/v1/timelines/tag/{path}?limit=40"
