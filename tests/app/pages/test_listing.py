"""A page of posts: its days, its week, and links that keep what was chosen."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.pages.listing import Addresses, PageQuery, days, shown_week
from models.domain.course import Course, Week
from models.store.feed import Order
from tests.app.syndication.samples import a_post

WEEKS = (
    Week(1, "Eins", date(2026, 11, 2), date(2026, 11, 9)),
    Week(2, "Zwei", date(2026, 11, 9), date(2026, 11, 16)),
    Week(4, "Vier", date(2026, 11, 23), date(2026, 11, 30)),
)
COURSE = Course("sample", "Ein Kurs", ("sample",), weeks=WEEKS)


def addresses(week: Week | None = None, **given: str) -> Addresses:
    return Addresses(COURSE, week, PageQuery.model_validate(given))


def query(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def test_days_are_the_courses() -> None:
    """Half past eleven at night in UTC is the next day in Berlin."""
    late = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
    posts = [a_post(published_at=late - timedelta(hours=hours)) for hours in (0, 1, 25)]
    found = days(posts, COURSE, Order.NEWEST)
    assert [(day.on, len(day.posts)) for day in found] == [
        (date(2026, 11, 4), 1),
        (date(2026, 11, 3), 1),
        (date(2026, 11, 2), 1),
    ]
    assert [day.on for day in days(posts, COURSE, Order.DISCUSSED)] == [None]
    assert days([], COURSE, Order.DISCUSSED) == []


@pytest.mark.parametrize(
    ("day", "number"),
    [((2026, 10, 1), 1), ((2026, 11, 3), 1), ((2026, 11, 20), 4), ((2026, 11, 24), 4)],
)
def test_the_week_that_is_shown(day: tuple[int, int, int], number: int) -> None:
    week = shown_week(COURSE, None, datetime(*day, tzinfo=UTC))
    assert week is not None
    assert week.number == number


def test_after_the_course_no_week_is_shown_unless_chosen() -> None:
    after = datetime(2026, 12, 24, tzinfo=UTC)
    assert shown_week(COURSE, None, after) is None
    assert shown_week(COURSE, WEEKS[0], after) == WEEKS[0]


def test_links_keep_what_was_chosen() -> None:
    here = addresses(q="wiki", tag="tools", limit="5", ui="en")
    assert query(here.in_language("de")) == {
        "q": ["wiki"],
        "tag": ["tools"],
        "limit": ["5"],
        "ui": ["de"],
    }
    assert query(here.without("tag")) == {"q": ["wiki"], "limit": ["5"], "ui": ["en"]}
    assert here.all == "/sample?ui=en"
    assert here.of_week(2) == "/sample/weeks/2?ui=en"
    assert here.of_tag("größe") == "/sample?tag=gr%C3%B6%C3%9Fe&ui=en#posts"
    assert dict(here.filters) == {"q": "wiki", "tag": "tools"}
    assert query(here.feed_query) == {"q": ["wiki"], "tag": ["tools"]}


def test_a_weeks_page_has_its_week_in_the_path() -> None:
    here = addresses(WEEKS[1], lang="de")
    assert here.path == "/sample/weeks/2"
    assert query(here.feed_query) == {"lang": ["de"], "week": ["2"]}
    assert here.more("lang=de&week=2&cursor=abc") == "/sample/weeks/2?lang=de&cursor=abc#posts"


def test_plain_addresses_have_no_query() -> None:
    assert (addresses().all, addresses().feed_query) == ("/sample", "")
