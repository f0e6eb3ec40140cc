"""oEmbed 1.0 (https://oembed.com): who pastes the address of a page gets what stands behind it.

WordPress takes from a provider it does not know a link, a bare `blockquote` and an `iframe`, puts
the frame into a sandbox with `allow-scripts` alone, and shows the blockquote until a message from
the frame arrives (`wp_filter_oembed_result` in its `wp-includes/embed.php`, `wp-embed.js`).
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from fastapi import APIRouter, Query
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.api.answers import json
from app.api.deps import Reading, ServicesOf
from app.api.query import Text
from app.errors import Problem
from app.pages import snippets
from app.pages.look import EmbedQuery
from app.syndication.channel import author_of
from app.syndication.titles import title_of
from app.syndication.words import words_of
from models.domain.course import Course
from models.domain.errors import NotFound
from models.store import courses, feed
from models.store.rows import FeedPost

router = APIRouter(include_in_schema=False)

PATH = "/oembed"
WIDTH, HEIGHT, WIDEST = 600, 600, 1200
CACHE_AGE = 3600
_PAGE = re.compile(
    r"/(?:embed/(?P<framed>[a-z0-9-]{1,64})|(?P<course>[a-z0-9-]{1,64})"
    r"(?:/weeks/(?P<week>[0-9]{1,5})|/posts/(?P<post>[0-9a-f-]{36}))?)/?"
)


class Asked(BaseModel):
    """What a consumer says. Others say more (WordPress `dnt`): it makes no difference here."""

    model_config = ConfigDict(extra="ignore")

    url: Annotated[Text, Field(max_length=2000)]
    format: Annotated[Text, Field(max_length=20)] = "json"
    maxwidth: Annotated[int, Field(ge=1, le=100_000)] = WIDTH
    maxheight: Annotated[int, Field(ge=1, le=100_000)] = HEIGHT


@dataclass(frozen=True, slots=True)
class Subject:
    """What an address of ours is about."""

    course: Course
    post: FeedPost | None
    query: EmbedQuery

    @property
    def title(self) -> str:
        return title_of(self.post, words_of(self.course)) if self.post else self.course.title


@router.get(PATH)
def describe(session: Reading, services: ServicesOf, asked: Annotated[Asked, Query()]) -> Response:
    """How to embed a page of a course, of one of its weeks, or of a post."""
    if asked.format != "json":
        raise Problem("not-implemented", "Ask with format=json.")
    public_url = services.settings.public_url
    subject = _subject(session, public_url, asked.url)
    width, height = min(asked.maxwidth, WIDEST), min(asked.maxheight, HEIGHT)
    frame = f"{public_url}{subject.query.address(subject.course)}"
    quoted = Markup('<blockquote><a href="{}">{}</a></blockquote>').format(asked.url, subject.title)
    known: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": subject.title,
        "provider_name": subject.course.title,
        "provider_url": f"{public_url}/{subject.course.slug}",
        "cache_age": CACHE_AGE,
        "width": width,
        "height": height,
        "html": quoted + snippets.frame(frame, subject.title, width, height),
    }
    return json(known | _author(subject.post))


def discovery(public_url: str, path: str) -> str:
    """The address at which the page at `path` of ours is described."""
    return f"{public_url}{PATH}?url={quote(public_url + path, safe='')}&format=json"


def _author(post: FeedPost | None) -> dict[str, str]:
    if post is None:
        return {}
    url = post.author.url
    return {"author_name": author_of(post)} | ({"author_url": url} if url else {})


def _subject(session: Session, public_url: str, url: str) -> Subject:
    """Raises `NotFound`: of addresses that are not ours, we know nothing."""
    try:
        ours, parts = urlsplit(public_url), urlsplit(url)
        is_ours = parts.scheme in {"http", "https"} and _place(parts) == _place(ours)
    except ValueError:
        is_ours = False
    page = _PAGE.fullmatch(parts.path) if is_ours else None
    if page is None:
        raise NotFound("no page of ours has such an address")
    row = courses.plain_course(session, page["framed"] or page["course"])
    query = _query(page, dict(parse_qsl(parts.query, keep_blank_values=True)))
    if query.week and page["week"] and row.course.week(int(query.week)) is None:
        raise NotFound("there is no such week")
    post = feed.post_or_merged(session, row, query.post) if query.post else None
    return Subject(row.course, post, query)


def _place(parts: SplitResult) -> tuple[str | None, int | None]:
    """Host and port; the usual ports of http and https are none."""
    return parts.hostname, None if parts.port in {80, 443} else parts.port


def _query(page: re.Match[str], given: dict[str, str]) -> EmbedQuery:
    """Of the frame. Raises `NotFound` where no page answers to such a query."""
    asked = {name: value for name, value in given.items() if name != "cursor"}
    if not page["framed"]:  # what else narrows a course's page, the frame does not know
        week = page["week"] or given.get("week", "")
        asked = {"week": week, "post": page["post"] or "", "lang": given.get("ui", "")}
    try:
        return EmbedQuery.model_validate(asked)
    except ValidationError:
        raise NotFound("no page of ours takes such a query") from None
