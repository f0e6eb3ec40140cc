"""From what a source said (`RawPost`) to what may be stored and shown (`Post`).

Pure, and run in the worker processes: sanitising and stemming are the expensive part of a post.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from models.domain import hashtags, html, links
from models.domain.identity import digest, entry_key, key_of_uid, key_of_url
from models.domain.post import (
    Author,
    Entry,
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
MAX_LINKS = 200
MAX_MEDIA = 16
MAX_TAGS = 100
MAX_TAG = 100

_URI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_HANDLE = re.compile(r"@[\w.-]+@[\w.-]+(:\d+)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}")


def normalise(raw: RawPost, source: SourceSpec, now: datetime) -> Entry:
    """Makes an entry safe, comparable and searchable, and says whether it is the course's.

    `now` stands in for a time the source does not give; it never enters the digest.
    """
    rule = source.rule
    title = _title(raw)
    body = _body(raw)
    tags = _tags(raw, title, body, rule)
    url = _url(raw, source)
    matched = _matched(tags, rule)
    if not matched:
        seen = digest(url, title, body.text, *tags)
        return Unmatched(
            _id(raw), entry_key(raw.external_id), seen, url, title or None, "no-hashtag"
        )
    post = _post(raw, source, now, title, body, tags, url)
    found = _search_terms(post, body, rule)
    return replace(post, digest=_digest(post), search_terms=found)


def _id(raw: RawPost) -> str:
    """The id as it can be stored and read; what tells entries apart is `entry_key`."""
    return _cut(html.strip_controls(raw.external_id), MAX_ID)


def _matched(tags: Sequence[str], rule: Rule) -> bool:
    if rule.match is Match.ALL:
        return True
    return not {hashtags.match_key(tag) for tag in tags}.isdisjoint(rule.hashtags)


def _title(raw: RawPost) -> str:
    if not raw.title:
        return ""
    title = html.strip_controls(raw.title)
    title = " ".join(title.split()) if raw.title_is_text else html.plain(title)
    return _cut(title, MAX_TITLE)


def _body(raw: RawPost) -> html.Clean:
    source = raw.content or raw.summary or ""
    markup = html.escape_text(source) if raw.content_is_text and raw.content else source
    return html.clean(markup[: 2 * MAX_CONTENT], raw.base_url or raw.url)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _tags(raw: RawPost, title: str, body: html.Clean, rule: Rule) -> tuple[str, ...]:
    """The source's own tags first, then those of title and visible text; folded, no doubles."""
    own = (hashtags.fold(html.plain(tag)) for tag in raw.tags[:MAX_TAGS])
    found = [tag for tag in own if tag and len(tag) <= MAX_TAG]
    found += hashtags.extract(title)
    found += body.hashtags
    return tuple(_first_of_each(found, rule))[:MAX_TAGS]


def _first_of_each(tags: Sequence[str], rule: Rule) -> list[str]:
    """Without doubles by what is compared; the course's own never fall off the end."""
    seen: dict[str, str] = {}
    for tag in tags:
        if len(tag) <= MAX_TAG:
            seen.setdefault(hashtags.match_key(tag), tag)
    own = [tag for key, tag in seen.items() if key in rule.hashtags]
    return own + [tag for key, tag in seen.items() if key not in rule.hashtags]


def _url(raw: RawPost, source: SourceSpec) -> str:
    """The post's address; without one, the source's own: a reader must get somewhere."""
    found = links.absolute(raw.url, raw.base_url) if raw.url else None
    return found or source.url


def _post(
    raw: RawPost,
    source: SourceSpec,
    now: datetime,
    title: str,
    body: html.Clean,
    tags: tuple[str, ...],
    url: str,
) -> Post:
    published, dated = _published(raw, now)
    content = body.html if len(body.html) <= MAX_CONTENT else html.escape_text(body.text[:20_000])
    addresses = tuple(link for link in body.links if link != url)[:MAX_LINKS]
    warning = html.plain(raw.content_warning or "")
    return Post(
        external_id=_id(raw),
        entry_key=entry_key(raw.external_id),
        identity_keys=_identity_keys(raw, source, url),
        digest="",
        kind=raw.kind,
        url=url,
        title=title or None,
        content_html=content,
        excerpt=html.excerpt(body.text),
        language=_language(raw, source.rule),
        published_at=published,
        dated=dated,
        updated_at=_updated(raw, published, now),
        author=_author(raw.author, source),
        hashtags=tags,
        links=addresses,
        media=_media(raw, body),
        in_reply_to=links.absolute(raw.in_reply_to, None) if raw.in_reply_to else None,
        reply_key=_reply_key(raw.in_reply_to),
        link_keys=tuple(key_of_url(link) for link in addresses),
        mentions=tuple(
            mention for url in raw.mentions if (mention := links.absolute(url, None)) is not None
        ),
        from_origin=raw.from_origin and _is_home(source, url, raw.external_id),
        sensitive=raw.sensitive,
        content_warning=_cut(warning, MAX_TITLE) or None,
    )


def _is_home(source: SourceSpec, *addresses: str) -> bool:
    """Whether a source may speak for a post: one of its addresses is on the source's own host.

    Without this check any feed could repeat another's ids and put its own text in their place.
    """
    home = _bare_host(source.url)
    return any(links.is_web_url(url) and _bare_host(url) == home for url in addresses)


def _bare_host(url: str) -> str:
    return links.host_key(url).removeprefix("www.")


def _published(raw: RawPost, now: datetime) -> tuple[datetime, bool]:
    """The time given, if it can be believed; else that of the last change; else now."""
    for given in (raw.published_at, raw.updated_at):
        if given is not None and EARLIEST <= given <= now + AHEAD:
            return given, True
    return now, False


def _updated(raw: RawPost, published: datetime, now: datetime) -> datetime | None:
    given = raw.updated_at
    return given if given is not None and published < given <= now + AHEAD else None


def _language(raw: RawPost, rule: Rule) -> str | None:
    primary = (raw.language or "").strip().lower().replace("_", "-").partition("-")[0]
    return primary if _LANGUAGE.fullmatch(primary) else rule.language.partition("-")[0]


def _author(raw: RawAuthor, source: SourceSpec) -> Author:
    """Named by the entry, else by the participant whose source it is, else by the source."""
    named = _cut(html.plain(raw.name or ""), MAX_NAME)
    url = links.absolute(raw.url, source.url) if raw.url else None
    handle = raw.handle if raw.handle and _HANDLE.fullmatch(raw.handle) else None
    name = named or source.participant_name or (handle or "") or source.title or ""
    return Author(
        name=name or links.host_key(source.url),
        url=url,
        handle=handle,
        avatar_url=links.absolute(raw.avatar_url, source.url) if raw.avatar_url else None,
        key=_author_key(raw, source, named, url),
    )


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
    alt = _cut(html.plain(media.alt or ""), 1500)
    return Media(url, media.type, alt or None, media.width, media.height)


def _identity_keys(raw: RawPost, source: SourceSpec, url: str) -> tuple[str, ...]:
    """What names this post in the course: global uid, canonical addresses, the instance's own id.

    A site's root names no post: some feeds link every entry there. An id that is no URI counts
    within its source only.
    """
    keys: dict[str, None] = {}
    uid = raw.external_id
    if links.is_web_url(uid):
        if not links.is_site_root(uid):
            keys[key_of_uid(uid)] = None
            # Statuses are answered by their uri, which need not be their address.
            keys[key_of_url(uid)] = None
    elif _URI.fullmatch(uid):
        keys[key_of_uid(uid)] = None
    for address in (url, *raw.aliases):
        if address != source.url and links.is_web_url(address) and not links.is_site_root(address):
            keys[key_of_url(address)] = None
    if raw.local_key:
        keys[key_of_uid(raw.local_key)] = None
    if not keys:
        keys[key_of_uid(f"{source.id}\x1f{uid}")] = None
    return tuple(keys)


def _reply_key(in_reply_to: str | None) -> str | None:
    if not in_reply_to:
        return None
    if links.is_web_url(in_reply_to):
        return key_of_url(in_reply_to)
    return key_of_uid(in_reply_to)


def _digest(post: Post) -> str:
    """Of everything shown. A time that is only "first seen" is no content."""
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


def _search_terms(post: Post, body: html.Clean, rule: Rule) -> tuple[str, ...]:
    texts = (
        post.title or "",
        post.author.name,
        post.author.handle or "",
        *post.hashtags,
        body.text,
    )
    return terms(texts, (post.language or rule.language, rule.language))
