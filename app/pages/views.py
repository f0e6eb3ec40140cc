"""The public pages: all courses, a course, one of its weeks, one of its posts."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.api.deps import PostId, Reading, ServicesOf, Slug
from app.api.query import Cursor
from app.api.webmention import advertised
from app.clock import now
from app.languages import LANGUAGES
from app.media.addresses import OnPage
from app.pages import oembed, problems, render, static
from app.pages.listing import Addresses, Language, PageQuery, days, shown_week
from app.wiring import Services
from models.domain.course import Week
from models.domain.errors import NotFound
from models.domain.post import Kind
from models.store import courses, feed
from models.store.feed import Order
from models.store.rows import CourseRow

router = APIRouter(include_in_schema=False, tags=[problems.TAG])


class FrontQuery(BaseModel):
    """What the first page's address may hold."""

    model_config = ConfigDict(extra="forbid")

    ui: Language = None


class PostQuery(FrontQuery):
    """What a post's address may hold: where its responses go on."""

    cursor: Cursor = None


def counted_course(request: Request, session: Reading, slug: Slug) -> CourseRow:
    """The course of the path, with its counts. Raises `NotFound`."""
    row = courses.course(session, slug)
    request.state.course = row.course  # a refusal speaks its language, and leads back to it
    return row


ShownCourse = Annotated[CourseRow, Depends(counted_course, scope="function")]


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


@router.get("/{course}/posts/{id}")
def show_post(
    request: Request,
    session: Reading,
    services: ServicesOf,
    row: ShownCourse,
    post_id: PostId,
    query: Annotated[PostQuery, Query()],
) -> Response:
    """One post in full, with its responses, oldest first. A merged post's leads to the other's."""
    addresses = Addresses(row.course, None, PageQuery(ui=query.ui))
    post = feed.post_or_merged(session, row, post_id)
    if post.id != post_id:  # not for good: it may be split again
        return RedirectResponse(addresses.of_post(post.id), headers={"Cache-Control": "no-store"})
    key, name = services.settings.secret_key, f"responses/{post_id}"
    paging = PageQuery(cursor=query.cursor, ui=query.ui)
    after = paging.after(row, key, name)
    found = feed.responses(session, row, post_id, after=after, limit=paging.limit)
    here = addresses.of_post(post_id)
    following = paging.following(row, found.after, key, name) if found.after else None
    values = {
        "post": post,
        "responses": found.posts,
        "more": _with_query(here, following),
        "translated": {code: f"/{row.course.slug}/posts/{post_id}?ui={code}" for code in LANGUAGES},
    }
    return course_page(request, row, query.ui, "single.html", addresses, values)


def _list_page(
    request: Request,
    session: Session,
    services: Services,
    row: CourseRow,
    week: Week | None,
    query: PageQuery,
) -> Response:
    narrowed = query.model_copy(update={"week": week.number}) if week else query
    key = services.settings.secret_key
    after = narrowed.after(row, key)
    found = feed.page(session, row, narrowed.filter(row.course), after=after, limit=query.limit)
    addresses, at = Addresses(row.course, week, query), now()
    following = narrowed.following(row, found.after, key) if found.after else None
    values = {
        "chosen": week,
        "week": shown_week(row.course, week, at),
        "days": days(found.posts, row.course, query.order),
        "more": addresses.more(following) if following else None,
        "canonical": services.settings.public_url + addresses.path,
        "translated": {code: addresses.in_language(code) for code in LANGUAGES},
        "kinds": tuple(Kind),
        "orders": tuple(Order),
    }
    return course_page(request, row, query.ui, "course.html", addresses, values)


def course_page(
    request: Request,
    row: CourseRow,
    ui: str | None,
    template: str,
    addresses: Addresses,
    values: Mapping[str, Any],
    headers: Mapping[str, str] = render.HEADERS,
) -> Response:
    """A page of a course, with what all of them have; `values` are the template's own names."""
    course, at = row.course, now()
    settings = request.app.state.services.settings
    here = request.url.path + (f"?ui={ui}" if ui else "")
    response = render.page(
        problems.language(request, course, ui),
        template,
        headers=headers,
        oembed=oembed.discovery(settings.public_url, here),
        row=row,
        course=course,
        current=course.week_at(at),
        today=course.local_day(at),
        addresses=addresses,
        pictures=OnPage(),
        query=addresses.query,
        **values,
    )
    response.headers["Link"] = advertised(settings.public_url)
    if not course.index:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _with_query(address: str, query: str | None) -> str | None:
    if query is None:
        return None
    return f"{address}{'&' if '?' in address else '?'}{query}#responses"
