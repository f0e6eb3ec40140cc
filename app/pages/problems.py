"""Problems as people see them, and the language people are spoken to in."""

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from app.access.paths import login_address
from app.errors import Problem
from app.languages import LANGUAGES, negotiate
from app.pages import render
from models.domain.course import Course

TAG = "pages"
"""Of the routes whose answers are pages; their refusals are for who asks for HTML."""
EMBEDDED = "/embed/"
"""Pages there stand in frames of other sites, and so do their refusals."""


def as_page(request: Request, problem: Problem) -> Response | None:
    """The problem as a page, the login for strangers; None where a program asked."""
    if not _wants_page(request):
        return None
    if problem.name == "unauthorized":
        return RedirectResponse(login_address(request), 303, headers=problem.headers)
    course: Course | None = getattr(request.state, "course", None)
    framed = request.url.path.startswith(EMBEDDED)
    settings = request.app.state.services.settings
    wanted = request.query_params.get("ui")
    response = render.page(
        language(request, course, wanted if wanted in LANGUAGES else None),
        "embed-error.html" if framed else "error.html",
        code=problem.status,
        headers=render.framed(settings.frame_ancestors) if framed else render.HEADERS,
        status=problem.status,
        detail=problem.detail,
        course=course,
    )
    response.headers.update(problem.headers)
    return response


def language(request: Request, course: Course | None, ui: str | None) -> str:
    """What the address says, else what the browser wants, else the course's, else German."""
    wanted = ui or negotiate(request.headers.get("accept-language", ""))
    if wanted is not None:
        return wanted
    return course.language if course is not None and course.language in LANGUAGES else "de"


def _wants_page(request: Request) -> bool:
    """Browsers name HTML; `*/*` is a program."""
    if "text/html" not in request.headers.get("accept", ""):
        return False
    route = request.scope.get("route")
    if route is not None:
        return TAG in getattr(route, "tags", ())
    return not request.url.path.startswith("/api/")
