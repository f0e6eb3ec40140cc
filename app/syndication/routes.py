"""Feeds, sources and calendar by their addresses, the API's and the short ones."""

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.answers import PREFIX, documented
from app.api.deps import ChosenCourse, Reading, ServicesOf
from app.api.query import Paging
from app.clock import now
from app.syndication import atom, ical, jsonfeed, opml, rss
from app.syndication.channel import Archive, Channel
from app.wiring import Services
from models.domain.course import Week
from models.store import changelog, courses, feed
from models.store.feed import Order
from models.store.rows import CourseRow, Page, Withdrawn

router = APIRouter(tags=["feeds"])

FORMATS: dict[str, ModuleType] = {"rss": rss, "atom": atom, "json": jsonfeed}


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


for _suffix, _writer in FORMATS.items():
    _route = _feed_route(_suffix, _writer)
    router.get(
        f"{PREFIX}/courses/{{course}}/feed.{_suffix}",
        responses=documented(_writer.MEDIA_TYPE, 404, 422),
        response_class=Response,
        summary=f"Feed ({_suffix})",
    )(_route)
    router.get(f"/{{course}}/feed.{_suffix}", include_in_schema=False)(_route)


@router.get("/{course}/sources.opml", include_in_schema=False)
@router.get(
    f"{PREFIX}/courses/{{course}}/sources.opml",
    responses=documented(opml.MEDIA_TYPE, 404, 422),
    response_class=Response,
    summary="Sources",
)
def show_sources(session: Reading, course: ChosenCourse) -> Response:
    """Sources of consented people and of nobody in particular."""
    body = opml.write(course.course, courses.public_sources(session, course))
    return Response(body, media_type=f"{opml.MEDIA_TYPE}; charset=utf-8")


@router.get("/{course}/calendar.ics", include_in_schema=False)
@router.get(
    f"{PREFIX}/courses/{{course}}/calendar.ics",
    responses=documented(ical.MEDIA_TYPE, 404, 422),
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
    after = query.after(row, key, "feed")
    page = feed.page(session, row, query.filter(row.course), after=after, limit=query.limit)
    base = f"{services.settings.public_url}/{row.course.slug}"
    own = f"{base}/feed.{suffix}"
    given = query.given()
    following = f"{own}?{query.following(row, page.after, key, 'feed')}" if page.after else None
    plain = not given and query.cursor is None
    return Channel(
        course=row.course,
        title=_title(row, query),
        home_url=base if query.week is None else f"{base}/weeks/{query.week}",
        self_url=own + _query(query),
        updated_at=_updated(row, page),
        posts=page.posts,
        withdrawn=_tombstones(session, row) if plain else (),
        archive=_archive(row, query, own),
        next_page=following,
    )


def _title(row: CourseRow, query: Paging) -> str:
    week = row.course.week(query.week) if query.week is not None else None
    return f"{row.course.title} – {week.number}: {week.title}" if week else row.course.title


def _query(query: Paging) -> str:
    given = query.given() | ({"cursor": query.cursor} if query.cursor else {})
    return f"?{urlencode(sorted(given.items()))}" if given else ""


def _updated(row: CourseRow, page: Page) -> datetime:
    """When something in the document changed last."""
    times = [max(post.updated_at, post.first_seen_at) for post in page.posts]
    return min(max(times), now()) if times else row.updated_at


def _tombstones(session: Session, row: CourseRow) -> list[Withdrawn]:
    return list(changelog.tombstones(session, row))


def _archive(row: CourseRow, query: Paging, own: str) -> Archive:
    """The weeks that are over are archives; the document without filters comes before them."""
    others = query.given().keys() - {"week", "limit"}
    if others or query.cursor or query.order is not Order.NEWEST:
        return Archive()
    at = now()
    over = [week for week in row.course.weeks if row.course.bounds(week)[1] <= at]
    if query.week is None:
        return Archive(previous=_week_url(own, over[-1]) if over else None)
    numbers = [week.number for week in over]
    if query.week not in numbers:
        return Archive()
    place = numbers.index(query.week)
    return Archive(
        current=own,
        previous=_week_url(own, over[place - 1]) if place else None,
        next=_week_url(own, over[place + 1]) if place + 1 < len(over) else None,
    )


def _week_url(own: str, week: Week) -> str:
    return f"{own}?week={week.number}&limit=100"
