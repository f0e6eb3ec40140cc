"""RFC 5005 §4: the feed as a chain of documents that misses no post, by course week.

All time is split into periods: the weeks, and what lies before, between and after them. A period
that is over is an archive, and so is what no longer fits into a document: it goes on at a cursor.
The running period has archives too, from the last post of the subscription document downwards;
their addresses change with it, as the RFC wants it for archives whose content would.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.api.documents import stamp
from app.api.query import Paging
from app.syndication.channel import Archive
from models.domain.course import Course
from models.store import feed
from models.store.feed import Filter
from models.store.rows import CourseRow, Page

SIZE = 100
"""Posts in an archive: as many as a document may hold."""
CURSOR_LIST = "feed"
"""The list that the cursors of feeds are bound to."""
_SPAN = {"week", "since", "until"}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, from (inclusive) and to (exclusive) in UTC; None is without end."""

    begins: datetime | None
    ends: datetime | None
    week: int | None = None

    def query(self) -> dict[str, str | int]:
        """The filter that shows it, as it stands in an address."""
        if self.week is not None:
            return {"week": self.week}
        given = {"since": self.begins, "until": self.ends}
        return {name: stamp(moment) for name, moment in given.items() if moment is not None}

    def is_over(self, at: datetime) -> bool:
        return self.ends is not None and self.ends <= at

    def holds(self, moment: datetime) -> bool:
        return (self.begins is None or self.begins <= moment) and not self.is_over(moment)

    def is_shown_by(self, chosen: Filter) -> bool:
        if chosen.week is not None:
            return (chosen.week, chosen.since, chosen.until) == (self.week, None, None)
        return self.week is None and (chosen.since, chosen.until) == (self.begins, self.ends)


def periods(course: Course) -> tuple[Period, ...]:
    """All time, earliest first, without gap or overlap."""
    weeks = [Period(*course.bounds(week), week.number) for week in course.weeks]
    if not weeks:
        return (Period(None, None),)
    found = [Period(None, weeks[0].begins), weeks[0]]
    for before, after in pairwise(weeks):
        if before.ends != after.begins:
            found.append(Period(before.ends, after.begins))
        found.append(after)
    return (*found, Period(weeks[-1].ends, None))


@dataclass(frozen=True, slots=True)
class Chain:
    """A course's documents in one format; `own` is the address of the subscription document."""

    session: Session
    row: CourseRow
    own: str
    key: bytes
    at: datetime

    def place(self, query: Paging, page: Page) -> Archive:
        """Where the document with this page stands; nowhere, where other filters narrow it."""
        if query.given().keys() - {*_SPAN, "limit"}:
            return Archive()
        everything = periods(self.row.course)
        if not query.given().keys() & _SPAN:
            return Archive() if query.cursor else self._subscription(everything, page)
        chosen = query.filter(self.row.course)
        number = next((n for n, one in enumerate(everything) if one.is_shown_by(chosen)), None)
        return Archive() if number is None else self._part(everything, number, query, page)

    def _subscription(self, everything: tuple[Period, ...], page: Page) -> Archive:
        """Before it comes the rest of the period it ends in, or that period where it is over."""
        if page.after is None:
            over = [number for number, one in enumerate(everything) if one.is_over(self.at)]
            return Archive(previous=self._before(everything, len(over)))
        last = page.after.published_at
        number = next(n for n, one in enumerate(everything) if one.holds(last))
        if everything[number].is_over(self.at):
            return Archive(previous=self._first(everything[number]))
        return Archive(previous=self._rest(everything[number], SIZE, page))

    def _part(
        self, everything: tuple[Period, ...], number: int, query: Paging, page: Page
    ) -> Archive:
        period = everything[number]
        rest = self._rest(period, query.limit, page) if page.after else None
        found = Archive(previous=rest or self._before(everything, number))
        if query.cursor:
            return replace(found, current=self.own)
        if period.is_over(self.at):
            return replace(found, current=self.own, next=self._after(everything, number))
        return found

    def _before(self, everything: tuple[Period, ...], number: int) -> str | None:
        earlier = reversed(everything[:number])
        return next((self._first(one) for one in earlier if self._is_linked(one)), None)

    def _after(self, everything: tuple[Period, ...], number: int) -> str | None:
        """The following archive, where its period fits in one: else its oldest part is unknown."""
        later = (one for one in everything[number + 1 :] if self._is_linked(one))
        period = next(later, None)
        if period is None or not period.is_over(self.at):
            return None
        return self._first(period) if self._page(period, SIZE).after is None else None

    def _is_linked(self, period: Period) -> bool:
        """Weeks always; the times around them where something was published."""
        return period.week is not None or bool(self._page(period, 1).posts)

    def _page(self, period: Period, limit: int) -> Page:
        chosen = Paging.model_validate(period.query()).filter(self.row.course)
        return feed.page(self.session, self.row, chosen, limit=limit)

    def _first(self, period: Period) -> str:
        return f"{self.own}?{urlencode(sorted({**period.query(), 'limit': SIZE}.items()))}"

    def _rest(self, period: Period, limit: int, page: Page) -> str:
        assert page.after is not None  # there is more
        query = Paging.model_validate({**period.query(), "limit": limit})
        return f"{self.own}?{query.following(self.row, page.after, self.key, CURSOR_LIST)}"
