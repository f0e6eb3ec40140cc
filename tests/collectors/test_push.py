"""What is delivered, and whether it is still wanted."""

import pytest

from collectors.contract import Reply
from collectors.push import Arrived, store_delivery
from collectors.reading import read
from models.domain.source import HELD, SourceState
from models.store import courses, push, sources
from models.store.push import Delivery
from models.store.sources import SourceRow
from models.store.touched import Counts
from tests.collectors.courses import SLUG, Collecting
from tests.sites import Page, item, rss, site

CALLBACK = "0" * 32


def delivered(collecting: Collecting, source: SourceRow, body: bytes) -> Counts:
    """A delivery just after the last poll, read for the source as it was then."""
    collecting.later(minutes=1)
    delivery = Delivery("d1", source.course_id, source.id, {}, body, collecting.now, 1)
    with collecting.database.writing() as session:
        spec = sources.spec(source, courses.course(session, SLUG).course)
        reading = read(spec, Reply(source.url, 200, {}, body), collecting.now)
        (counts,) = store_delivery(session, [Arrived(source, delivery, reading, collecting.now)])
    return counts


def polled(collecting: Collecting) -> SourceRow:
    """A source that has brought one post so far."""
    with site({"/feed": Page(rss(item(1, "#sample")))}) as blog:
        (id_,) = collecting.add(("feed", f"{blog.origin}/feed"))
        assert collecting.run().posts.new == 1
    return collecting.source(id_)


def test_it_is_taken_in(collecting: Collecting) -> None:
    source = polled(collecting)
    assert delivered(collecting, source, rss(item(2, "#sample"))) == Counts(new=1)


@pytest.mark.parametrize("state", [SourceState.PAUSED, SourceState.GONE, SourceState.REMOVED])
def test_what_was_stopped_meanwhile_brings_nothing(
    collecting: Collecting, state: SourceState
) -> None:
    source = polled(collecting)
    before = collecting.posts()
    with collecting.database.writing() as session:
        sources.set_state(session, source, state, reason=None, now=collecting.now)
    assert delivered(collecting, source, rss(item(2, "#sample"))) == Counts()
    assert collecting.posts() == before


def test_what_waits_for_a_facilitator_waits_by_push_too(collecting: Collecting) -> None:
    source = polled(collecting)
    with collecting.database.writing() as session:
        sources.change(session, source, {"options": {HELD: True}})
    source = collecting.source(source.id)
    assert delivered(collecting, source, rss(item(2, "#sample"))) == Counts()
    assert len(collecting.posts()) == 1


def test_the_hub_of_what_is_gone_is_told(collecting: Collecting) -> None:
    with site({"/feed": Page(rss(item(1, "#sample")))}) as blog:
        (id_,) = collecting.add(("feed", f"{blog.origin}/feed"))
        collecting.run()
        with collecting.database.writing() as session:
            push.offered(
                session,
                collecting.source(id_),
                hub="https://hub.example/",
                topic=f"{blog.origin}/feed",
                callback=CALLBACK,
                secret="sealed",
                now=collecting.now,
            )
        blog.pages["/feed"] = Page(status=410)
        collecting.later_run()
    assert collecting.source(id_).state is SourceState.GONE
    with collecting.database.reading() as session:
        subscription = push.by_callback(session, CALLBACK)
    assert subscription is not None
    assert subscription.state == "ending"
