"""Feeds, sources and calendar by their addresses, the API's and the short ones."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api import examples
from app.api.answers import PREFIX, documented
from app.api.deps import PLAIN, ChosenCourse, Reading, ServicesOf
from app.api.query import Paging
from app.syndication import ical, opml
from app.syndication.documents import FORMATS, document
from models.store import courses

router = APIRouter(tags=["feeds"])

EXAMPLES = {"rss": examples.RSS, "atom": examples.ATOM, "json": examples.JSON_FEED}


def _feed_route(suffix: str) -> Callable[..., Response]:
    def show_feed(
        session: Reading,
        services: ServicesOf,
        course: ChosenCourse,
        query: Annotated[Paging, Query()],
    ) -> Response:
        made = document(session, services, course, query, suffix)
        links = {"Link": made.link} if made.link else {}
        return Response(made.body, headers=links, media_type=made.media_type)

    show_feed.__name__ = f"show_{suffix}"
    show_feed.__doc__ = f"The combined feed as {suffix}, with the same filters as the posts."
    return show_feed


for _suffix, _writer in FORMATS.items():
    _route = _feed_route(_suffix)
    router.get(
        f"{PREFIX}/courses/{{course}}/feed.{_suffix}",
        responses=documented(_writer.MEDIA_TYPE, EXAMPLES[_suffix], 404, 422),
        response_class=Response,
        summary=f"Feed ({_suffix})",
    )(_route)
    router.get(f"/{{course}}/feed.{_suffix}", include_in_schema=False)(_route)


@router.get("/{course}/sources.opml", dependencies=PLAIN, include_in_schema=False)
@router.get(
    f"{PREFIX}/courses/{{course}}/sources.opml",
    responses=documented(opml.MEDIA_TYPE, examples.OPML, 404, 422),
    dependencies=PLAIN,
    response_class=Response,
    summary="Sources",
)
def show_sources(session: Reading, course: ChosenCourse) -> Response:
    """Sources of consented people and of nobody in particular."""
    body = opml.write(course.course, courses.public_sources(session, course))
    return Response(body, media_type=f"{opml.MEDIA_TYPE}; charset=utf-8")


@router.get("/{course}/calendar.ics", dependencies=PLAIN, include_in_schema=False)
@router.get(
    f"{PREFIX}/courses/{{course}}/calendar.ics",
    responses=documented(ical.MEDIA_TYPE, examples.ICS, 404, 422),
    dependencies=PLAIN,
    response_class=Response,
    summary="Calendar",
)
def show_calendar(services: ServicesOf, course: ChosenCourse) -> Response:
    """The weeks and events."""
    home_url = f"{services.settings.public_url}/{course.course.slug}"
    body = ical.write(course.course, home_url, course.updated_at)
    return Response(body, media_type=f"{ical.MEDIA_TYPE}; charset=utf-8")
