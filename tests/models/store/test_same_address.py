"""One post by its addresses: feeds as WordPress and planets write them."""

import pytest

from collectors.contract import Reply
from collectors.reading import read
from models.store import courses, intake, sources
from models.store.engine import Database
from tests.models.store.arrivals import AT, Course
from tests.models.store.audit import audit

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Ein Blog</title>
<link>https://{home}/</link>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>{link}</link>
<guid isPermaLink="{permanent}">{guid}</guid>
<pubDate>Mon, 02 Nov 2026 10:00:00 GMT</pubDate><category>sample</category>
<description>{title} in kurzen Worten.</description></item>"""

PERMALINK = "https://ada.example/2026/11/treppe/"
SHORT = "https://ada.example/?p=123"


def _item(link: str, guid: str, title: str = "Die Treppe", *, permanent: bool = False) -> str:
    return ITEM.format(link=link, guid=guid, title=title, permanent=str(permanent).lower())


def _publish(course: Course, host: str, *items: str) -> None:
    source = course.hosts[host]
    body = RSS.format(home=host, items="".join(items)).encode()
    with course.database.writing() as session:
        row = courses.course(session, "sample")
        spec = sources.spec(source, row.course)
        reply = Reply(source.url, 200, {"content-type": "application/rss+xml"}, body)
        reading = read(spec, reply, AT)
        intake.take_in(session, intake.Answer(row.id, source.id, reading.entries), AT)


@pytest.mark.parametrize(
    ("link", "guid"),
    [
        (PERMALINK, SHORT),
        (SHORT, "planet-1"),
        ("http://www.ada.example/?p=123", "planet-1"),
        ("http://ada.example/2026/11/treppe", "planet-1"),
        (f"{PERMALINK}?utm_source=rss&amp;utm_medium=rss", "planet-1"),
        (f"{PERMALINK}amp/", "planet-1"),
        (f"{PERMALINK}?amp=1", "planet-1"),
        (f"{PERMALINK}#more-123", "planet-1"),
        (f"{PERMALINK}#respond", "planet-1"),
        ("https://other.example/copy", SHORT),
        ("https://other.example/copy", PERMALINK),
    ],
)
@pytest.mark.parametrize("own_first", [True, False])
def test_one_page_by_many_addresses(
    database: Database, link: str, guid: str, own_first: bool
) -> None:
    """A guid that is an address (`?p=123`) and the link beside it name the same post."""
    course = Course.of(database)
    answers = [
        ("ada.example", _item(PERMALINK, SHORT)),
        ("planet.example", _item(link, guid)),
    ]
    for host, item in answers if own_first else reversed(answers):
        _publish(course, host, item)
    (post,) = course.posts()
    assert len(post.sources) == 2
    assert post.url == PERMALINK
    audit(database)


@pytest.mark.parametrize(
    "link",
    [
        f"{PERMALINK}#comment-5",
        "https://ada.example/?p=124",
        f"{PERMALINK}?page=2",
        "https://ada.example/2026/11/treppen/",
    ],
)
def test_another_page_is_another_post(database: Database, link: str) -> None:
    course = Course.of(database)
    _publish(course, "ada.example", _item(PERMALINK, SHORT))
    _publish(course, "planet.example", _item(link, "planet-1", "Etwas anderes"))
    assert len(course.posts()) == 2


def test_short_and_long_address_meet_in_a_third_feed(database: Database) -> None:
    """The planet lists the short address, the tag feed the long one; the blog knows both."""
    course = Course.of(database)
    _publish(course, "planet.example", _item(SHORT, "planet-1"))
    _publish(course, "ben.example", _item(PERMALINK, "entry-9"))
    assert len(course.posts()) == 2
    _publish(course, "ada.example", _item(PERMALINK, SHORT))
    (post,) = course.posts()
    assert len(post.sources) == 3
    audit(database)


def test_a_guid_that_two_entries_share_names_neither(database: Database) -> None:
    course = Course.of(database)
    shared = "https://ada.example/aktuell"
    _publish(
        course,
        "ada.example",
        _item(PERMALINK, shared, permanent=True),
        _item("https://ada.example/2026/11/aufzug/", shared, "Der Aufzug", permanent=True),
    )
    assert len(course.posts()) == 2
