"""The public pages: all courses, a course, one of its weeks."""

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from pydantic import ValidationError
from starlette.responses import Response

from app import errors
from app.api.deps import Reading, ServicesOf
from app.api.query import Paging
from app.api.webmention import advertised
from app.clock import now
from app.errors import Problem
from app.languages import LANGUAGES, negotiate
from app.pages import render
from models.domain.course import Course, Week
from models.domain.errors import NotFound
from models.domain.post import Kind
from models.store import courses, feed
from models.store.rows import CourseRow, Page

router = APIRouter(include_in_schema=False)

Slug = Annotated[str, Path(alias="course", max_length=64)]
KINDS = (Kind.BLOG, Kind.STATUS, Kind.VIDEO, Kind.COMMENT)


class PageQuery(Paging):
    """What a page's address may hold: the feed's parameters, and the language of the page."""

    ui: Literal["de", "en"] | None = None

    def given(self) -> dict[str, str]:
        return {name: value for name, value in super().given().items() if name != "ui"}


@router.get("/")
def show_courses(request: Request, session: Reading) -> Response:
    """All courses."""
    language = _language(request, None, None)
    return render.page(language, "courses.html", courses=courses.courses(session))


@router.get("/robots.txt")
def show_robots() -> Response:
    """Each page says for itself whether it may be listed; the API need not be crawled."""
    return Response("User-agent: *\nDisallow: /api/\n", media_type="text/plain")


@router.get("/static/{name}")
def show_static(name: str) -> Response:
    """The style sheet; its name changes with its content."""
    if name != render.style_name():
        raise NotFound("there is no such file")
    return Response(
        render.style(),
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
        media_type="text/css",
    )


@router.get("/{course}")
def show_course(request: Request, session: Reading, services: ServicesOf, slug: Slug) -> Response:
    """A course: now, its weeks, and the combined feed with search."""
    return _course_page(request, session, services, slug, None)


@router.get("/{course}/weeks/{number}")
def show_week(
    request: Request, session: Reading, services: ServicesOf, slug: Slug, number: str
) -> Response:
    """One week with its question, events, links and posts."""
    return _course_page(request, session, services, slug, number)


def _course_page(
    request: Request, session: Reading, services: ServicesOf, slug: str, number: str | None
) -> Response:
    try:
        row = courses.course(session, slug)
        week = _week(row.course, number)
    except NotFound:
        language = _language(request, None, None)
        return render.page(language, "error.html", code=404, status=404, detail=None, slug=None)
    try:
        query = PageQuery.model_validate(_parameters(request))
        narrowed = query.model_copy(update={"week": week.number}) if week else query
        key = services.settings.secret_key
        after = narrowed.after(row, key)
    except (ValidationError, Problem) as error:
        return _refused(request, row, error)
    found = feed.page(session, row, narrowed.filter(row.course), after=after, limit=query.limit)
    language = _language(request, query.ui, row.course)
    more = narrowed.following(row, found.after, key) if found.after else None
    return _rendered(services.settings.public_url, language, row, week, query, found, more)


def _rendered(
    public_url: str,
    language: str,
    row: CourseRow,
    week: Week | None,
    query: PageQuery,
    found: Page,
    more: str | None,
) -> Response:
    course, at = row.course, now()
    current = course.week_at(at)
    path = f"/{course.slug}/weeks/{week.number}" if week else f"/{course.slug}"
    response = render.page(
        language,
        "course.html",
        row=row,
        course=course,
        current=current,
        week=week or current,
        chosen=week,
        before=_before(course, at),
        query=query,
        given={name: value for name, value in query.given().items() if name != "limit"},
        later=query.cursor is not None,
        posts=found.posts,
        more=_link(path, more, query.ui),
        path=path,
        kinds=KINDS,
        public_url=public_url,
        feed_query=urlencode(query.given() | ({"week": str(week.number)} if week else {})),
    )
    response.headers["Link"] = advertised(public_url)
    if not course.index:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _link(path: str, more: str | None, ui: str | None) -> str | None:
    if more is None:
        return None
    # The week is in the path already.
    parts = [part for part in more.split("&") if not (path.count("/") > 1 and part[:5] == "week=")]
    return f"{path}?{'&'.join([*parts, *([f'ui={ui}'] if ui else [])])}#posts"


def _before(course: Course, at: Any) -> bool:
    """Whether the course has not begun yet."""
    starts_at = course.starts_at()
    return starts_at is not None and at < starts_at


def _parameters(request: Request) -> dict[str, str]:
    return dict(request.query_params)


def _week(course: Course, number: str | None) -> Week | None:
    """The week of the path. Raises `NotFound`."""
    if number is None:
        return None
    week = course.week(int(number)) if number.isdecimal() and len(number) < 6 else None
    if week is None:
        raise NotFound("there is no such week")
    return week


def _refused(request: Request, row: CourseRow, error: ValidationError | Problem) -> Response:
    detail = error.detail if isinstance(error, Problem) else errors.of_validation(error)
    language = _language(request, None, row.course)
    return render.page(
        language, "error.html", code=422, status=422, detail=detail, slug=row.course.slug
    )


def _language(request: Request, ui: str | None, course: Course | None) -> str:
    """What the address says, else what the browser wants, else the course's, else German."""
    wanted = ui or negotiate(request.headers.get("accept-language", ""))
    if wanted is not None:
        return wanted
    return course.language if course is not None and course.language in LANGUAGES else "de"
