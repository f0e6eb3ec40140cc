"""What stands in frames of other sites, and the way from there to a post."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from babel import Locale
from fastapi import APIRouter, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from app.api.deps import PLAIN, PostId, Reading, ServicesOf, post_id_of
from app.clock import now
from app.media.addresses import OnPage
from app.pages import oembed, problems, render
from app.pages.framing import ShownCourse
from app.pages.look import EmbedQuery
from app.wiring import Services
from models.domain.errors import NotFound
from models.store import feed
from models.store.rows import CourseRow

router = APIRouter(include_in_schema=False, tags=[problems.TAG])


@router.get("/embed/{course}")
def show_embedded(
    request: Request,
    session: Reading,
    services: ServicesOf,
    row: ShownCourse,
    query: Annotated[EmbedQuery, Query()],
) -> Response:
    """The course's posts, or one of them, for an `iframe`: it needs no script, no cookie and no
    origin of its own.
    """
    course = row.course
    language = problems.language(request, course, query.lang)
    one = query.post
    shown = _one(session, row, one) if one else _many(session, services, row, query)
    response = render.page(
        language,
        "embed.html",
        headers=render.framed(services.settings.frame_ancestors),
        course=course,
        query=query,
        home=f"/{course.slug}{'?' + urlencode({'ui': query.lang}) if query.lang else ''}",
        oembed=oembed.discovery(services.settings.public_url, query.address(course)),
        address=f"{services.settings.public_url}/{course.slug}",
        plurals=_plurals(language),
        pictures=OnPage(),
        **shown,
    )
    response.headers["X-Robots-Tag"] = "noindex"  # the course's own page is the one to be found
    return response


@router.get("/go/{id}", dependencies=PLAIN)
def go_to_post(session: Reading, post_id: PostId) -> Response:
    """Leads to where the post was published.

    Frames of some sites let their links lead to our host alone. No address is taken from the
    request, or anybody could borrow our name for their own.
    """
    url = feed.anywhere(session, post_id).url
    if urlsplit(url).scheme not in {"http", "https"}:
        raise NotFound("the post has no address in the web")
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(url, headers=headers | {"X-Robots-Tag": "noindex"})


def _one(session: Session, row: CourseRow, post_id: str) -> Mapping[str, Any]:
    post = feed.post_or_merged(session, row, post_id_of(post_id))
    return {"posts": (post,), "more": None, "whole": True}


def _many(
    session: Session, services: Services, row: CourseRow, query: EmbedQuery
) -> Mapping[str, Any]:
    current = row.course.week_at(now())
    paging, key = query.paging(current.number if current else None), services.settings.secret_key
    chosen, after = paging.filter(row.course), paging.after(row, key)
    found = feed.page(session, row, chosen, after=after, limit=paging.limit)
    more = None
    if found.after:
        following = dict(parse_qsl(paging.following(row, found.after, key)))
        place = {name: following[name] for name in ("week", "cursor") if name in following}
        more = query.address(row.course, **place)
    return {"posts": found.posts, "more": more, "whole": False}


def _plurals(language: str) -> Mapping[str, int]:
    """Each of the language's plural categories (CLDR), with a number of it: a script that counts
    picks the words by `Intl.PluralRules`.
    """
    category = Locale.parse(language).plural_form
    return {category(number): number for number in range(200, 0, -1)}
