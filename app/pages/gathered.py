"""What a course has gathered beside its posts: links, and people who agreed to be listed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.api.deps import Reading
from app.pages import problems
from app.pages.framing import FrontQuery, ShownCourse, course_page
from app.pages.listing import Addresses, PageQuery
from models.store import courses, sharedlinks

router = APIRouter(include_in_schema=False, tags=[problems.TAG])

SHARED = 30
"""Links on the page; the API has more."""


@router.get("/{course}/links")
def show_links(
    request: Request, session: Reading, row: ShownCourse, query: Annotated[FrontQuery, Query()]
) -> Response:
    """What the organisers chose, by week, and what participants linked to most."""
    addresses = Addresses(row.course, None, PageQuery(ui=query.ui))
    values = {
        "chosen": [week for week in row.course.weeks if week.links],
        "shared": sharedlinks.most(session, row, limit=SHARED),
    }
    return course_page(request, row, query.ui, "links.html", addresses, values)


@router.get("/{course}/people")
def show_people(
    request: Request, session: Reading, row: ShownCourse, query: Annotated[FrontQuery, Query()]
) -> Response:
    """Who agreed to be listed, with how much of theirs is shown. Of others, not even a number."""
    addresses = Addresses(row.course, None, PageQuery(ui=query.ui))
    values = {"people": courses.participants(session, row)}
    return course_page(request, row, query.ui, "people.html", addresses, values)
