"""A clock that goes back by an hour, as when a wrong time is put right."""

from datetime import timedelta

from collectors.contract import Reply
from collectors.push import Arrived, store_delivery
from collectors.reading import read
from models.store import courses, sources
from models.store.push import Delivery
from tests.collectors.courses import SLUG, Collecting
from tests.models.store.audit import audit
from tests.sites import Page, item, rss, site

HOUR = timedelta(hours=1)


def test_no_source_is_stuck_and_no_post_lost_or_doubled(collecting: Collecting) -> None:
    with site({"/feed": Page(rss(item(1, "#sample")))}) as blog:
        (source,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        due = collecting.source(source).due_at
        collecting.now -= HOUR
        blog.pages["/feed"] = Page(rss(item(2, "#sample"), item(1, "#sample")))
        assert collecting.run().posts.new == 0  # it is not due yet
        assert due is not None
        collecting.now = due
        assert collecting.run().posts.new == 1
        collecting.now -= HOUR
        blog.pages["/feed"] = Page(rss(item(3, "#sample"), item(2, "#sample")))
        assert collecting.later_run().posts.new == 1
    assert len(collecting.posts()) == 3
    assert collecting.leased() == set()
    audit(collecting.database)


def test_what_is_pushed_meanwhile_is_taken_in(collecting: Collecting) -> None:
    """By the clock as it is now, it came before the last poll."""
    with site({"/feed": Page(rss(item(1, "#sample")))}) as blog:
        (id_,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        collecting.now -= HOUR
        source = collecting.source(id_)
        body = rss(item(2, "#sample"))
        delivery = Delivery("d1", source.course_id, id_, {}, body, collecting.now, 1)
        with collecting.database.writing() as session:
            spec = sources.spec(source, courses.course(session, SLUG).course)
            reading = read(spec, Reply(source.url, 200, {}, body), collecting.now)
            (counts,) = store_delivery(
                session, [Arrived(source, delivery, reading, collecting.now)]
            )
    assert counts.new == 1
    assert len(collecting.posts()) == 2


def test_what_came_before_the_last_poll_is_passed_over(collecting: Collecting) -> None:
    with site({"/feed": Page(rss(item(1, "#sample")))}) as blog:
        (id_,) = collecting.add(("feed", f"{blog.origin}/feed"))
        received = collecting.now
        collecting.later_run()
        source = collecting.source(id_)
        delivery = Delivery("d1", source.course_id, id_, {}, b"", received, 1)
        body = rss(item(2, "#sample"))
        with collecting.database.writing() as session:
            spec = sources.spec(source, courses.course(session, SLUG).course)
            reading = read(spec, Reply(source.url, 200, {}, body), collecting.now)
            (counts,) = store_delivery(
                session, [Arrived(source, delivery, reading, collecting.now)]
            )
    assert counts.new == 0
