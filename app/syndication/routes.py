"""Feeds, sources and calendar by their addresses, the API's and the short ones."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from gettext import NullTranslations
from types import ModuleType
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api import examples
from app.api.answers import PREFIX, documented
from app.api.deps import PLAIN, ChosenCourse, Reading, ServicesOf
from app.api.query import Paging
from app.clock import now
from app.syndication import atom, ical, jsonfeed, opml, rss
from app.syndication.archives import CURSOR_LIST, Chain
from app.syndication.channel import Channel
from app.syndication.words import ABOUT, WEEK, words_of
from app.wiring import Services
from models.domain.course import Week
from models.store import changelog, courses, feed
from models.store.rows import CourseRow, Page, Withdrawn

router = APIRouter(tags=["feeds"])

FORMATS: dict[str, tuple[ModuleType, Any]] = {
    "rss": (rss, examples.RSS),
    "atom": (atom, examples.ATOM),
    "json": (jsonfeed, examples.JSON_FEED),
}
"""By ending: what writes the document, and an example of it."""


def _feed_route(suffix: str, writer: ModuleType) -> Callable[..., Response]:
    def show_feed(
        session: Reading,
        services: ServicesOf,
        course: ChosenCourse,
        query: Annotated[Paging, Query()],
    ) -> Response:
        channel = _channel(session, services, course, query, suffix)
        return Response(writer.write(channel), media_type=f"{writer.MEDIA_TYPE}; charset=utf-8")

    show_feed.__name__ = f"show_{suffix}"
    show_feed.__doc__ = f"The combined feed as {suffix}, with the same filters as the posts."
    return show_feed


for _suffix, (_writer, _example) in FORMATS.items():
    _route = _feed_route(_suffix, _writer)
    router.get(
        f"{PREFIX}/courses/{{course}}/feed.{_suffix}",
        responses=documented(_writer.MEDIA_TYPE, _example, 404, 422),
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


def _channel(
    session: Session, services: Services, row: CourseRow, query: Paging, suffix: str
) -> Channel:
    key = services.settings.secret_key
    after = query.after(row, key, CURSOR_LIST)
    page = feed.page(session, row, query.filter(row.course), after=after, limit=query.limit)
    base = f"{services.settings.public_url}/{row.course.slug}"
    own = f"{base}/feed.{suffix}"
    words = words_of(row.course)
    archive = Chain(session, row, own, key, now()).place(query, page)
    withdrawn = changelog.tombstones(session, row) if _is_subscription(query) else ()
    return Channel(
        course=row.course,
        words=words,
        title=_title(row, query, words),
        description=_description(row, query, words),
        home_url=base if query.week is None else f"{base}/weeks/{query.week}",
        feed_id=own if archive.current else own + _query(_filters(query)),
        self_url=own + _query(_parameters(query)),
        updated_at=_updated(row, page, withdrawn),
        posts=page.posts,
        withdrawn=withdrawn,
        archive=archive,
        next_page=_next_page(row, query, page, own, key) if not archive.current else None,
    )


def _is_subscription(query: Paging) -> bool:
    return not _filters(query) and query.cursor is None


def _title(row: CourseRow, query: Paging, words: NullTranslations) -> str:
    """The course's, and what the feed is narrowed to where that can be said in a word."""
    parts = [row.course.title]
    if week := _week(row, query):
        parts.append(f"{words.gettext(WEEK) % {'number': week.number}}: {week.title}")
    if query.tag:
        parts.append("#" + query.tag.lstrip("#＃"))
    if query.q:
        parts.append(query.q)
    return " – ".join(parts)


def _description(row: CourseRow, query: Paging, words: NullTranslations) -> str:
    week = _week(row, query)
    about = words.gettext(ABOUT) % {"tag": row.course.hashtags[0]}
    return (week.question if week else None) or about


def _week(row: CourseRow, query: Paging) -> Week | None:
    return row.course.week(query.week) if query.week is not None else None


def _filters(query: Paging) -> dict[str, str]:
    """What makes it another feed; how it is cut into documents does not."""
    return {name: value for name, value in query.given().items() if name != "limit"}


def _parameters(query: Paging) -> dict[str, str]:
    return query.given() | ({"cursor": query.cursor} if query.cursor else {})


def _query(parameters: Mapping[str, str]) -> str:
    return f"?{urlencode(sorted(parameters.items()))}" if parameters else ""


def _next_page(row: CourseRow, query: Paging, page: Page, own: str, key: bytes) -> str | None:
    return f"{own}?{query.following(row, page.after, key, CURSOR_LIST)}" if page.after else None


def _updated(row: CourseRow, page: Page, withdrawn: Sequence[Withdrawn]) -> datetime:
    """When something in the document changed last."""
    times = [max(post.updated_at, post.first_seen_at) for post in page.posts]
    times += [gone.at for gone in withdrawn]
    return min(max(times), now()) if times else row.updated_at
