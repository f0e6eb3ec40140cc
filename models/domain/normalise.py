"""From what a source said (`RawPost`) to what may be stored and shown (`Post`).

Pure, and run in the worker processes: sanitising and stemming are the expensive part of a post.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from models.domain import hashtags, html, links
from models.domain.identity import (
    digest,
    entry_key,
    identity_keys,
    is_at_home,
    is_handle,
    key_of_url,
    reply_key,
)
from models.domain.post import (
    Author,
    Entry,
    Kind,
    Media,
    Post,
    RawAuthor,
    RawMedia,
    RawPost,
    Unmatched,
)
from models.domain.search import terms
from models.domain.source import Match, Rule, SourceSpec

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No post is older than the web: an earlier date is a mistake."""
AHEAD = timedelta(days=1)
"""A date further ahead than time zones explain is a mistake too."""

MAX_ID = 1000
MAX_NAME = 200
MAX_TITLE = 500
MAX_CONTENT = 500_000
"""Characters of sanitised HTML that are kept; nobody writes a longer post."""
SHORTENED_CONTENT = 20_000
"""Characters of text that are left of a longer one."""
MAX_LINKS = 200
MAX_MEDIA = 16
MAX_MENTIONS = 200
MAX_ALT = 1500
MAX_TAGS = 100
MAX_TAG = hashtags.LONGEST
MAX_EVIDENCE = 20
"""Hashtags kept of an entry that is not the course's."""
MAX_COUNT = 2**31 - 1
MAX_REMOTE_ID = 100

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def normalise(raw: RawPost, source: SourceSpec, now: datetime) -> Entry:
    """Makes an entry safe, comparable and searchable, and says whether it is the course's.

    `now` stands in for a time the source does not give; it never enters the digest.
    """
    rule = source.rule
    title = _title(raw)
    body = _body(raw)
    tags = _tags(raw, title, body, rule)
    address = links.absolute(raw.url, raw.base_url) if raw.url else None
    # Without an address of its own it gets the source's: a reader must get somewhere.
    url = address or source.url
    if not (raw.is_response or _matched(tags, rule)):
        seen = digest(url, title, body.text, *tags)
        published, dated = published_at(raw, now)
        return Unmatched(
            external_id=_id(raw.external_id),
            entry_key=entry_key(raw.external_id),
            digest=seen,
            url=url,
            title=title or None,
            reason="no-hashtag",
            hashtags=tags[:MAX_EVIDENCE],
            cut_off=raw.cut_off,
            published_at=published if dated else None,
        )
    from_origin = raw.from_origin and is_at_home(source, address, raw.external_id)
    return _post(raw, source, now, title, body, tags, url, from_origin)


def left_out(external_id: str, reason: str, url: str | None) -> Unmatched:
    """An entry that its source's rules leave out, as it can be kept."""
    return Unmatched(
        _id(external_id),
        entry_key(external_id),
        digest(reason),
        links.absolute(url, None) if url else None,
        None,
        reason,
    )


def _id(external_id: str) -> str:
    """The id as it can be stored and read; what tells entries apart is `entry_key`."""
    return html.shortened(html.strip_controls(external_id), MAX_ID)


def _matched(tags: Sequence[str], rule: Rule) -> bool:
    if rule.match is Match.ALL:
        return True
    return not {hashtags.match_key(tag) for tag in tags}.isdisjoint(rule.hashtags)


def _title(raw: RawPost) -> str:
    if not raw.title:
        return ""
    title = html.strip_controls(raw.title)
    title = " ".join(title.split()) if raw.title_is_text else html.plain(title)
    return html.shortened(title, MAX_TITLE)


def _body(raw: RawPost) -> html.Clean:
    content = raw.content[: 2 * MAX_CONTENT]
    if raw.content_is_text:
        content = html.escape_text(content)
    found = html.clean(content, raw.base_url or raw.url)
    if found.html or not raw.summary:
        return found
    return html.clean(raw.summary[: 2 * MAX_CONTENT], raw.base_url or raw.url)


def _tags(raw: RawPost, title: str, body: html.Clean, rule: Rule) -> tuple[str, ...]:
    """The source's own tags first, then those of title and visible text; folded, no doubles."""
    own = (html.plain(tag) for tag in raw.tags)
    folded = (hashtags.fold(tag) for tag in own if len(tag) <= MAX_TAG)
    found = [*folded, *hashtags.extract(title), *body.hashtags]
    return tuple(_first_of_each(found, rule))[:MAX_TAGS]


def _first_of_each(tags: Sequence[str], rule: Rule) -> list[str]:
    """Without doubles by what is compared; the course's own never fall off the end."""
    seen: dict[str, str] = {}
    for tag in tags:
        if tag and len(tag) <= MAX_TAG:
            seen.setdefault(hashtags.match_key(tag), tag)
    own = [tag for key, tag in seen.items() if key in rule.hashtags]
    return own + [tag for key, tag in seen.items() if key not in rule.hashtags]


class _Shown(NamedTuple):
    """All of a `Post` that is content: what its digest is made of."""

    kind: Kind
    url: str
    title: str | None
    content_html: str
    language: str | None
    published_at: datetime
    dated: bool
    updated_at: datetime | None
    author: Author
    hashtags: tuple[str, ...]
    media: tuple[Media, ...]
    in_reply_to: str | None
    reply_key: str | None
    mentions: tuple[str, ...]
    from_origin: bool
    sensitive: bool
    content_warning: str | None


def _post(
    raw: RawPost,
    source: SourceSpec,
    now: datetime,
    title: str,
    body: html.Clean,
    tags: tuple[str, ...],
    url: str,
    from_origin: bool,
) -> Post:
    shown = _shown(raw, source, now, title, body, tags, url, from_origin)
    addresses = tuple(link for link in body.links if link != url)[:MAX_LINKS]
    return Post(
        external_id=_id(raw.external_id),
        entry_key=entry_key(raw.external_id),
        identity_keys=identity_keys(raw, source, url, from_origin),
        digest=_digest(shown),
        **shown._asdict(),
        excerpt=html.excerpt(body.text),
        links=addresses,
        link_keys=tuple(key_of_url(link) for link in addresses),
        boosts=_count(raw.boosts),
        replies=_count(raw.replies),
        remote_id=_remote_id(raw.remote_id),
        comments_url=links.absolute(raw.comments_url, raw.base_url) if raw.comments_url else None,
        text_length=len(body.text),
        search_terms=_search_terms(shown, body, source.rule),
        cut_off=raw.cut_off,
    )


def _shown(
    raw: RawPost,
    source: SourceSpec,
    now: datetime,
    title: str,
    body: html.Clean,
    tags: tuple[str, ...],
    url: str,
    from_origin: bool,
) -> _Shown:
    published, dated = published_at(raw, now)
    warning = html.plain(raw.content_warning or "")
    return _Shown(
        kind=Kind.COMMENT if raw.is_response and not _matched(tags, source.rule) else raw.kind,
        url=url,
        title=title or None,
        content_html=body.html if len(body.html) <= MAX_CONTENT else _shortened(body),
        language=_language(raw, source.rule),
        published_at=published,
        dated=dated,
        updated_at=_updated(raw, published, now),
        author=_author(raw.author, source),
        hashtags=tags,
        media=_media(raw, body),
        in_reply_to=links.absolute(raw.in_reply_to, None) if raw.in_reply_to else None,
        reply_key=reply_key(raw.in_reply_to),
        mentions=_mentions(raw),
        from_origin=from_origin,
        sensitive=raw.sensitive,
        content_warning=html.shortened(warning, MAX_TITLE) or None,
    )


def _count(given: int) -> int:
    return min(max(given, 0), MAX_COUNT)


def _remote_id(given: str | None) -> str | None:
    """An id that cannot be kept whole cannot be asked for."""
    return given if given and len(given) <= MAX_REMOTE_ID and given.isprintable() else None


def _shortened(body: html.Clean) -> str:
    text = html.shortened(body.text, SHORTENED_CONTENT)
    return html.clean(html.escape_text(text), None).html


def _mentions(raw: RawPost) -> tuple[str, ...]:
    found = (links.absolute(url, None) for url in raw.mentions[:MAX_MENTIONS])
    return tuple(dict.fromkeys(url for url in found if url is not None))


def published_at(raw: RawPost, now: datetime) -> tuple[datetime, bool]:
    """The time given, if it can be believed; else that of the last change; else now."""
    for given in (raw.published_at, raw.updated_at):
        if given is not None and EARLIEST <= given <= now + AHEAD:
            return given, True
    return now, False


def _updated(raw: RawPost, published: datetime, now: datetime) -> datetime | None:
    given = raw.updated_at
    return given if given is not None and published < given <= now + AHEAD else None


def _language(raw: RawPost, rule: Rule) -> str | None:
    """The primary subtag, or the course's where none is given or it says nothing (RFC 5646)."""
    primary = (raw.language or "").strip().lower().replace("_", "-").partition("-")[0]
    is_told = _LANGUAGE.fullmatch(primary) and primary not in {"und", "mul", "zxx"}
    return primary if is_told else rule.language.partition("-")[0]


def _author(raw: RawAuthor, source: SourceSpec) -> Author:
    """Named by the entry, else by the participant whose source it is, else by the source."""
    named = html.shortened(html.plain(raw.name or ""), MAX_NAME)
    url = links.absolute(raw.url, source.url) if raw.url else None
    handle = raw.handle if raw.handle and _is_short_handle(raw.handle) else None
    titled = html.shortened(source.title or "", MAX_NAME)
    name = named or source.participant_name or handle or titled
    return Author(
        name=name or links.host_key(source.url),
        url=url,
        handle=handle,
        avatar_url=links.absolute(raw.avatar_url, source.url) if raw.avatar_url else None,
        key=_author_key(raw, source, named, url),
    )


def _is_short_handle(text: str) -> bool:
    return len(text) <= MAX_NAME and is_handle(text)


def _author_key(raw: RawAuthor, source: SourceSpec, name: str, url: str | None) -> str:
    """Account URI, else author URL, else (source, name): "admin" on fifty blogs is fifty people.

    A blog's author address that is only a site's root is the blog's, which its co-authors share.
    """
    if raw.account:
        return html.strip_controls(raw.account)
    if url is not None and not links.is_site_root(url):
        return links.canonical(url)
    return f"{source.id}\x1f{name.casefold()}"


def _media(raw: RawPost, body: html.Clean) -> tuple[Media, ...]:
    found: dict[str, Media] = {}
    for media in (*raw.media, *body.images):
        safe = _safe_media(media, raw.base_url or raw.url)
        if safe is not None:
            found.setdefault(safe.url, safe)
    return tuple(found.values())[:MAX_MEDIA]


def _safe_media(media: RawMedia, base: str | None) -> Media | None:
    url = links.absolute(media.url, base)
    if url is None or media.type not in {"image", "video", "audio"}:
        return None
    alt = html.shortened(html.plain(media.alt or ""), MAX_ALT)
    return Media(url, media.type, alt or None, media.width, media.height)


def _digest(post: _Shown) -> str:
    """A time that is only "first seen" is no content."""
    return digest(
        post.kind,
        post.url,
        post.title,
        post.content_html,
        post.language,
        post.published_at.isoformat() if post.dated else None,
        post.updated_at.isoformat() if post.updated_at else None,
        post.author.name,
        post.author.url,
        post.author.handle,
        post.author.avatar_url,
        post.author.key,
        *post.hashtags,
        "\x1f",
        *(f"{m.url}\x1f{m.type}\x1f{m.alt}\x1f{m.width}\x1f{m.height}" for m in post.media),
        "\x1f",
        post.in_reply_to,
        post.reply_key,
        *post.mentions,
        str(post.sensitive),
        post.content_warning,
        str(post.from_origin),
    )


def _search_terms(post: _Shown, body: html.Clean, rule: Rule) -> str:
    texts = (
        post.title or "",
        post.author.name,
        post.author.handle or "",
        *post.hashtags,
        body.text,
    )
    return terms(texts, (post.language or rule.language, rule.language))
