"""From what was found in an XML feed to a `Batch`: chooses, resolves and names."""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from collectors.contract import Batch, Hints
from collectors.feeds.found import ENTRY_LIMIT, Body, FoundEntry, FoundFeed, FoundSource
from models.domain import html, links
from models.domain.identity import digest
from models.domain.post import Kind, RawAuthor, RawMedia, RawPost

_DAYS = {
    name: number
    for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    )
}
_PERIODS = {
    "hourly": 3600.0,
    "daily": 86400.0,
    "weekly": 7 * 86400.0,
    "monthly": 30 * 86400.0,
    "yearly": 365 * 86400.0,
}
_LONGEST_AGO = datetime.min.replace(tzinfo=UTC)


def assemble(feed: FoundFeed, address: str) -> Batch:
    """`address` is the feed's final URL: the base where the feed declares none."""
    homepage = links.absolute(feed.link, feed.base or address) if feed.link else None
    base = feed.base or _base(homepage, address)
    own = _Own(feed, homepage, address)
    posts = [
        _post(entry, feed, base, own)
        for entry in feed.entries[:ENTRY_LIMIT]
        if _says_something(entry)
    ]
    return Batch(
        posts=tuple(distinct(posts)),
        title=_plain(feed.title),
        homepage=homepage,
        hints=_hints(feed, feed.base or address),
        complete=feed.complete and len(feed.entries) <= ENTRY_LIMIT,
        withdrawn=tuple(dict.fromkeys(feed.withdrawn)),
    )


def _says_something(entry: FoundEntry) -> bool:
    named = entry.id or entry.link or entry.elsewhere or entry.title or entry.caption_title
    return bool(named or _bodies(entry)[0].markup)


def _base(homepage: str | None, address: str) -> str:
    """Feeds kept on another host than their site mean the site with their relative links."""
    if homepage is None or _bare_host(homepage) == _bare_host(address):
        return address
    return homepage


def _bare_host(url: str) -> str:
    try:
        return links.host_key(url).removeprefix("www.")
    except ValueError:
        return ""


def _plain(title: Body) -> str | None:
    text = " ".join(title.markup.split()) if title.is_text else html.plain(title.markup)
    return text or None


class _Own:
    """Tells whether a `source` within an entry names the very feed it stands in."""

    def __init__(self, feed: FoundFeed, homepage: str | None, address: str) -> None:
        self._title = feed.title.markup
        known = (feed.id, feed.self_url, homepage, address)
        self._addresses = {links.canonical(name) for name in known if name}

    def names(self, source: FoundSource) -> bool:
        addresses = {links.canonical(name) for name in source.addresses if name}
        if not addresses:
            return source.title in {"", self._title}
        return not addresses.isdisjoint(self._addresses)


def _post(entry: FoundEntry, feed: FoundFeed, base: str, own: _Own) -> RawPost:
    scope = entry.base or base
    url = _url(entry, scope)
    title = entry.title or entry.caption_title
    body, summary = _bodies(entry)
    aliases = [found for alias in entry.aliases if (found := links.absolute(alias, scope))]
    media = _media(entry, scope)
    published, updated = _dates(entry, feed)
    return RawPost(
        external_id=entry.id or named_by(url) or entry.link or digest(title, body.markup),
        kind=_kind(entry),
        url=url,
        title=title or None,
        title_is_text=entry.title_is_text,
        content=body.markup,
        content_is_text=body.is_text,
        base_url=body.base or entry.base or next(iter(aliases), None) or url or scope,
        summary=summary,
        language=entry.language or body.language or feed.language,
        published_at=published,
        updated_at=updated,
        author=_author(entry, feed, scope),
        tags=tuple(dict.fromkeys(entry.tags)),
        media=media,
        in_reply_to=_parent(entry, scope),
        replies=int(_number(entry.comments) or 0),
        comments_url=links.absolute(entry.comments_url, scope) if entry.comments_url else None,
        aliases=tuple(dict.fromkeys(alias for alias in aliases if alias != url)),
        from_origin=entry.source is None or own.names(entry.source),
        cut_off=entry.cut_off,
    )


def _url(entry: FoundEntry, base: str) -> str | None:
    """The link, else a guid that is one, else where an Atom entry says its content stands.

    A relative guid is more often a mere number or name.
    """
    if entry.link and (found := links.absolute(entry.link, base)):
        return found
    if entry.id_is_link and entry.id.startswith(("http://", "https://", "/")):
        return links.absolute(entry.id, base)
    return links.absolute(entry.elsewhere, base) if entry.elsewhere else None


def named_by(url: str | None) -> str | None:
    """What an entry without an id is called: by its canonical link, however that is spelled."""
    return links.canonical(url) if url else None


def _parent(entry: FoundEntry, base: str) -> str | None:
    address = links.absolute(entry.reply_url, base) if entry.reply_url else None
    return address or entry.reply_id or None


def _bodies(entry: FoundEntry) -> tuple[Body, str | None]:
    """The richest text there is, and the entry's own summary where that is another."""
    told = [*entry.contents, entry.summary] if entry.summary else entry.contents
    best = _richest(told) or _richest(entry.captions) or Body("")
    summary = entry.summary
    shorter = summary.markup if summary and summary.markup != best.markup else ""
    return best, shorter or None


def _richest(bodies: Iterable[Body]) -> Body | None:
    return max((body for body in bodies if body.markup), key=_length, default=None)


def _length(body: Body) -> int:
    return len(body.markup)


def _kind(entry: FoundEntry) -> Kind:
    types = {media.type for media in chain(entry.enclosures, entry.media)}
    return Kind.VIDEO if entry.is_video or types == {"video"} else Kind.BLOG


def _dates(entry: FoundEntry, feed: FoundFeed) -> tuple[datetime | None, datetime | None]:
    """`dc:date` is all that much RSS has; it is read as a change, and means the publication."""
    published = entry.published or entry.created
    if published is None and feed.is_rss:
        return entry.updated, None
    return published, entry.updated


def _author(entry: FoundEntry, feed: FoundFeed, base: str) -> RawAuthor:
    from_source = entry.source.authors if entry.source else ()
    named = next(chain(entry.authors, from_source, feed.authors, entry.credits), RawAuthor())
    avatar = next((media.url for media in entry.media if _is_avatar(media.url)), None)
    if named.url is None and avatar is None:
        return named
    url = links.absolute(named.url, base) if named.url else None
    return replace(named, url=url, avatar_url=links.absolute(avatar, base) if avatar else None)


def _is_avatar(url: str) -> bool:
    """WordPress.com lists the author's portrait as the first picture of each post."""
    return "gravatar.com/avatar/" in url


def _media(entry: FoundEntry, base: str) -> tuple[RawMedia, ...]:
    if not (entry.enclosures or entry.media or entry.thumbnails):
        return ()
    found: dict[str, RawMedia] = {}
    for item in chain(entry.enclosures, entry.media, entry.thumbnails):
        url = None if _is_avatar(item.url) else links.absolute(item.url, base)
        if url is not None:
            found[url] = _merged(found.get(url), replace(item, url=url))
    return tuple(found.values())


def _merged(known: RawMedia | None, new: RawMedia) -> RawMedia:
    if known is None:
        return new
    return replace(
        known,
        alt=known.alt or new.alt,
        width=known.width or new.width,
        height=known.height or new.height,
    )


def distinct(posts: list[RawPost]) -> list[RawPost]:
    """Gives each post an id of its own.

    Of several with one id, those with different canonical links are different posts, and each gets
    its link added: none keeps the bare id, which would pass on to another as the feed moves on.
    Those with one link are versions of one entry (RFC 4287 4.1.1) or mere repetitions, of which
    the newest stays. Where a link names nothing but the site, the title stands in for it.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, post in enumerate(posts):
        groups[post.external_id].append(index)
    if len(groups) == len(posts):
        return posts
    kept = dict(enumerate(posts))
    for indices in groups.values():
        if len(indices) > 1:
            _tell_apart(kept, indices)
    return list(kept.values())


def _tell_apart(posts: dict[int, RawPost], indices: list[int]) -> None:
    """Feeds start with the newest: of undated versions the first is."""
    versions: defaultdict[str, list[int]] = defaultdict(list)
    for index in indices:
        versions[_further_name(posts[index])].append(index)
    for name, same in versions.items():
        newest = max(same, key=lambda index: (*_age(posts[index]), -index))
        for older in same:
            if older != newest:
                del posts[older]
        if len(versions) > 1:
            post = posts[newest]
            posts[newest] = replace(post, external_id=f"{post.external_id} {name}")


def _further_name(post: RawPost) -> str:
    if post.url and not links.is_site_root(post.url):
        return links.canonical(post.url)
    return digest(post.title, None if post.title else post.content)


def _age(post: RawPost) -> tuple[datetime, datetime]:
    published = post.published_at or _LONGEST_AGO
    return published, post.updated_at or published


def _hints(feed: FoundFeed, base: str) -> Hints:
    return Hints(
        ttl=_ttl(feed),
        skip_hours=frozenset(
            int(hour) % 24 for hour in feed.skip_hours if hour.isdecimal() and int(hour) <= 24
        ),
        skip_days=frozenset(_DAYS[day.lower()] for day in feed.skip_days if day.lower() in _DAYS),
        hub=links.absolute(feed.hub, base) if feed.hub else None,
        self_url=links.absolute(feed.self_url, base) if feed.self_url else None,
        older=links.absolute(feed.older, base) if feed.older else None,
        pages="wordpress" in feed.generator.lower(),
    )


def _ttl(feed: FoundFeed) -> float | None:
    minutes = _number(feed.ttl)
    if minutes is not None:
        return minutes * 60
    period = _PERIODS.get(feed.update_period.lower())
    if period is None:
        return None
    return period / (_number(feed.update_frequency) or 1.0)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None
