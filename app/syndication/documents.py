"""Feed documents: what stands at an address of a feed, as visitors and subscribers get it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations
from types import ModuleType
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.api.query import Paging
from app.clock import now
from app.hub.address import hub_address
from app.syndication import atom, jsonfeed, rss
from app.syndication.archives import CURSOR_LIST, Chain
from app.syndication.channel import Channel
from app.syndication.words import ABOUT, WEEK, words_of
from app.wiring import Services
from models.domain.course import Week
from models.store import changelog, feed
from models.store.rows import CourseRow, Page, Withdrawn

FORMATS: Mapping[str, ModuleType] = {"rss": rss, "atom": atom, "json": jsonfeed}
"""By ending: what writes the document."""


@dataclass(frozen=True, slots=True)
class Document:
    """A feed document with what HTTP says of it."""

    body: bytes
    media_type: str
    link: str | None
    """The value of the `Link` header by which subscribers find the hub, where there is one."""


def document(
    session: Session, services: Services, row: CourseRow, query: Paging, suffix: str
) -> Document:
    """A course's feed in one of `FORMATS`. Raises `Problem` for a cursor that is none of ours."""
    channel = _channel(session, services, row, query, suffix)
    writer = FORMATS[suffix]
    link = None
    if channel.hub is not None:
        link = f'<{channel.hub}>; rel="hub", <{channel.self_url}>; rel="self"'
    return Document(writer.write(channel), f"{writer.MEDIA_TYPE}; charset=utf-8", link)


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
        hub=hub_address(services.settings) if query.cursor is None else None,
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
