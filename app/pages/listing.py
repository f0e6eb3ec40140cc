"""What a page of posts shows: its parameters, its days, and where its links lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from pydantic import AfterValidator, Field

from app.api.query import Paging, Text
from app.languages import LANGUAGES
from models.domain.course import Course, Week
from models.store.feed import Order
from models.store.rows import FeedPost


def _one_of_ours(code: str | None) -> str | None:
    if code is not None and code not in LANGUAGES:
        raise ValueError(f"must be one of {', '.join(LANGUAGES)}")
    return code


Language = Annotated[
    Text | None,
    AfterValidator(_one_of_ours),
    Field(max_length=20, description="The language of the page."),
]


class PageQuery(Paging):
    """What a page's address may hold: the feed's parameters, and the language of the page."""

    ui: Language = None

    def given(self) -> dict[str, str]:
        return {name: value for name, value in super().given().items() if name != "ui"}


@dataclass(frozen=True, slots=True)
class Day:
    """Posts of one day of the course, or of no day in particular."""

    on: date | None
    posts: Sequence[FeedPost]


def days(posts: Sequence[FeedPost], course: Course, order: Order) -> Sequence[Day]:
    """Posts that stand in order of time, by day; others stay together."""
    if order is Order.DISCUSSED:
        return [Day(None, posts)] if posts else []
    grouped = groupby(posts, lambda post: course.local_day(post.published_at))
    return [Day(on, tuple(group)) for on, group in grouped]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Links of one page, which keep what the visitor has chosen."""

    course: Course
    week: Week | None
    """The week of the address."""
    query: PageQuery

    @property
    def path(self) -> str:
        home = f"/{self.course.slug}"
        return f"{home}/weeks/{self.week.number}" if self.week else home

    @property
    def filters(self) -> Mapping[str, str]:
        """What narrows the list; how long its pages are does not."""
        given = self.query.given()
        return {name: value for name, value in given.items() if name != "limit"}

    @property
    def all(self) -> str:
        """The same page with nothing chosen but the language."""
        return self._address(self.path, {})

    @property
    def first(self) -> str:
        """The first page of this list."""
        return self._address(self.path, self.query.given(), "#posts")

    @property
    def feed_query(self) -> str:
        """The same list as a feed, spelled as the feed itself does."""
        week = {"week": str(self.week.number)} if self.week else {}
        query = urlencode(sorted({**self.filters, **week}.items()))
        return f"?{query}" if query else ""

    def without(self, name: str) -> str:
        """The list, one filter less."""
        kept = {key: value for key, value in self.query.given().items() if key != name}
        return self._address(self.path, kept, "#posts")

    @property
    def chips(self) -> Sequence[tuple[str, str]]:
        """What narrows the list, by name, each with the list without it; an order does not."""
        return [(name, self.without(name)) for name in self.filters if name != "order"]

    def in_language(self, code: str) -> str:
        return f"{self.path}?{urlencode({**self.query.given(), 'ui': code})}"

    def of_week(self, number: int | None) -> str:
        """A week's page, or the course's."""
        home = f"/{self.course.slug}"
        return self._address(home if number is None else f"{home}/weeks/{number}", {})

    def of_post(self, post_id: str) -> str:
        return self._address(f"/{self.course.slug}/posts/{post_id}", {})

    def of_tag(self, tag: str) -> str:
        return self._address(f"/{self.course.slug}", {"tag": tag}, "#posts")

    def of_person(self, participant: str) -> str:
        return self._address(f"/{self.course.slug}", {"participant": participant}, "#posts")

    @property
    def of_links(self) -> str:
        return self._address(f"/{self.course.slug}/links", {})

    @property
    def of_people(self) -> str:
        return self._address(f"/{self.course.slug}/people", {})

    def more(self, following: str) -> str:
        """The next page; `following` is its query, in which the address's week need not stand."""
        parts = following.split("&")
        if self.week:
            parts = [part for part in parts if not part.startswith("week=")]
        language = [f"ui={self.query.ui}"] if self.query.ui else []
        return f"{self.path}?{'&'.join([*parts, *language])}#posts"

    def _address(self, path: str, given: Mapping[str, str], anchor: str = "") -> str:
        language = {"ui": self.query.ui} if self.query.ui else {}
        query = urlencode({**given, **language})
        return f"{path}?{query}{anchor}" if query else f"{path}{anchor}"


def shown_week(course: Course, chosen: Week | None, at: datetime) -> Week | None:
    """The chosen week, else the present one, else the next; None once all are over."""
    coming = (week for week in course.weeks if course.bounds(week)[1] > at)
    return chosen or next(coming, None)


def neighbours(course: Course, week: Week | None) -> tuple[Week | None, Week | None]:
    """The weeks before and after; None at either end."""
    if week is None:
        return (course.weeks[-1] if course.weeks else None), None
    at = course.weeks.index(week)
    following = course.weeks[at + 1] if at + 1 < len(course.weeks) else None
    return (course.weeks[at - 1] if at else None), following


def subscription(public_url: str, course: Course) -> str:
    """The address that calendars subscribe to at a click; what they fetch is the .ics beside it."""
    return f"webcal://{public_url.partition('://')[2]}/{course.slug}/calendar.ics"
