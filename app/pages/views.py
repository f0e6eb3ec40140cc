"""The public pages with a list: all courses, a course, one of its weeks."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.deps import Reading, ServicesOf
from app.clock import now
from app.languages import LANGUAGES
from app.pages import problems, render, static
from app.pages.framing import FrontQuery, ShownCourse, course_page, names_of
from app.pages.listing import Addresses, PageQuery, days, neighbours, shown_week, subscription
from app.wiring import Services
from models.domain.course import Week
from models.domain.errors import NotFound
from models.domain.post import Kind
from models.store import courses, feed
from models.store.feed import Filter, Order
from models.store.rows import CourseRow, Page

router = APIRouter(include_in_schema=False, tags=[problems.TAG])


def week_of(row: ShownCourse, number: str) -> Week:
    """The week of the path. Raises `NotFound`."""
    is_number = number.isascii() and number.isdecimal() and len(number) < 6
    week = row.course.week(int(number)) if is_number else None
    if week is None:
        raise NotFound("there is no such week")
    return week


ShownWeek = Annotated[Week, Depends(week_of, scope="function")]


@router.get("/")
def show_courses(
    request: Request, session: Reading, query: Annotated[FrontQuery, Query()]
) -> Response:
    """All courses, each with its present week."""
    at = now()
    rows = [(row, row.course.week_at(at)) for row in courses.courses(session)]
    language = problems.language(request, None, query.ui)
    return render.page(language, "courses.html", rows=rows, query=query)


@router.get("/robots.txt")
def show_robots() -> Response:
    """Each page says for itself whether it may be listed; API and pictures need not be crawled."""
    return Response("User-agent: *\nDisallow: /api/\nDisallow: /media/\n", media_type="text/plain")


@router.get("/static/{name}")
def show_static(name: str) -> Response:
    """A file whose name changes with its content."""
    file = static.files().get(name)
    if file is None:
        raise NotFound("there is no such file")
    return Response(
        file.body,
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
        media_type=file.media_type,
    )


@router.get("/{course}")
def show_course(
    request: Request,
    session: Reading,
    services: ServicesOf,
    row: ShownCourse,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """A course: its present week, all weeks, and the combined feed with search."""
    return _list_page(request, session, services, row, None, query)


@router.get("/{course}/weeks/{number}")
def show_week(
    request: Request,
    session: Reading,
    services: ServicesOf,
    row: ShownCourse,
    week: ShownWeek,
    query: Annotated[PageQuery, Query()],
) -> Response:
    """One week with its question, events, links and posts."""
    return _list_page(request, session, services, row, week, query)


def _list_page(
    request: Request,
    session: Session,
    services: Services,
    row: CourseRow,
    week: Week | None,
    query: PageQuery,
) -> Response:
    course, settings, at = row.course, services.settings, now()
    narrowed = query.model_copy(update={"week": week.number}) if week else query
    key, chosen = settings.secret_key, narrowed.filter(course)
    after = narrowed.after(row, key)
    found = feed.page(session, row, chosen, after=after, limit=query.limit)
    addresses = Addresses(course, week, query)
    following = narrowed.following(row, found.after, key) if found.after else None
    shown = shown_week(course, week, at)
    values = {
        "chosen": week,
        "week": shown,
        "neighbours": neighbours(course, shown),
        "narrowed": chosen,
        "names": _names(session, row, query),
        "count": None if after else _count(session, row, chosen, found),
        "listed": names_of(session, row, found.posts),
        "days": days(found.posts, course, query.order),
        "more": addresses.more(following) if following else None,
        "calendar": subscription(settings.public_url, course),
        "canonical": settings.public_url + addresses.path,
        "translated": {code: addresses.in_language(code) for code in LANGUAGES},
        "kinds": tuple(Kind),
        "orders": tuple(Order),
    }
    return course_page(request, row, query.ui, "course.html", addresses, values)


def _count(session: Session, row: CourseRow, chosen: Filter, found: Page) -> int | None:
    """Of all posts in the list, where that is known soon enough."""
    return len(found.posts) if found.after is None else feed.count(session, row, chosen)


def _names(session: Session, row: CourseRow, query: PageQuery) -> Mapping[str, str]:
    """Of the person and the sources that the list is narrowed to, as far as they are public."""
    person, wanted = query.participant, (query.source or "").split(",")
    names = dict(courses.listed_names(session, row, {person})) if person else {}
    if query.source:
        sources = courses.public_sources(session, row)
        names |= {one.id: one.participant or one.title for one in sources if one.id in wanted}
    return names
