"""What all pages of a course share: the course of the path, its frame, its headers."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.deps import Reading, Slug
from app.api.webmention import advertised
from app.clock import now
from app.languages import LANGUAGES
from app.media.addresses import OnPage
from app.pages import oembed, problems, render
from app.pages.listing import Addresses, Language
from app.pages.previewing import Preview
from models.store import courses
from models.store.rows import CourseRow, FeedPost


class FrontQuery(BaseModel):
    """What the address of a page without a list may hold."""

    model_config = ConfigDict(extra="forbid")

    ui: Language = None


def counted_course(request: Request, session: Reading, slug: Slug) -> CourseRow:
    """The course of the path, with its counts. Raises `NotFound`."""
    row = courses.course(session, slug)
    request.state.course = row.course  # a refusal speaks its language, and leads back to it
    return row


ShownCourse = Annotated[CourseRow, Depends(counted_course, scope="function")]


def course_page(
    request: Request,
    row: CourseRow,
    ui: str | None,
    template: str,
    addresses: Addresses,
    values: Mapping[str, Any],
    headers: Mapping[str, str] = render.HEADERS,
    embeds: str | None = None,
    card: Preview | None = None,
) -> Response:
    """A page of a course, with what all of them have; `values` are the template's own names.

    `embeds` is the path of what a homepage embeds that names this page; else it is the list.
    """
    course, at = row.course, now()
    settings = request.app.state.services.settings
    here = request.url.path
    given = {
        "canonical": settings.public_url + here,
        "listed": {},
        "translated": {code: f"{here}?ui={code}" for code in LANGUAGES},
        **values,
    }
    embedded = (embeds or addresses.path) + (f"?ui={ui}" if ui else "")
    response = render.page(
        problems.language(request, course, ui),
        template,
        headers=headers,
        oembed=oembed.discovery(settings.public_url, embedded),
        row=row,
        course=course,
        current=course.week_at(at),
        now=at,
        today=course.local_day(at),
        addresses=addresses,
        here=here,
        pictures=OnPage(),
        card=card or Preview(settings.public_url + here),
        query=addresses.query,
        **given,
    )
    response.headers["Link"] = advertised(settings.public_url)
    if not course.index:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def names_of(session: Session, row: CourseRow, *groups: tuple[FeedPost, ...]) -> Mapping[str, str]:
    """Of the posts' authors, those who agreed to be listed: their names lead to their posts."""
    ids = {post.author.participant for posts in groups for post in posts}
    return courses.listed_names(session, row, {each for each in ids if each is not None})
