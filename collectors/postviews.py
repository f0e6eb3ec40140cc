"""A Bluesky post as the AppView shows it, as a `RawPost`.

Lexicons `app.bsky.feed.defs#postView`, `app.bsky.feed.post`, `app.bsky.richtext.facet` and
`app.bsky.embed.*` (https://github.com/bluesky-social/atproto). What is typed there is still looked
at with suspicion: records are written by anybody's client.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote

from collectors.fields import Object, count, inner, items, moment, pixels, text, texts
from collectors.statuses import Excluded
from models.domain.post import Kind, RawAuthor, RawMedia, RawPost

WEB = "https://bsky.app"
SIGNED_IN_ONLY = "!no-unauthenticated"
"""The label by which an account asks to be shown to signed-in users only."""
HIDDEN = frozenset({"!hide", "!takedown"})
SENSITIVE = frozenset(
    {
        "!warn",
        "gore",
        "graphic-media",
        "nsfl",
        "nudity",
        "porn",
        "sexual",
        "sexual-figurative",
    }
)

_URI = re.compile(r"at://(did:[a-z]+:[\w.:%-]+)/app\.bsky\.feed\.post/([\w.:~-]+)", re.ASCII)
_HANDLE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE | re.ASCII)
_PARAGRAPH = re.compile(r"\n\s*\n")


def read_post(view: Object) -> RawPost | Excluded | None:
    """The post, or why it is left out; None for what is no post at all."""
    uri, record = text(view, "uri"), inner(view, "record")
    named = _URI.fullmatch(uri or "")
    if uri is None or named is None or not isinstance(record.get("text"), str):
        return None
    author, labels = inner(view, "author"), _labels(view, record)
    url = web_address(uri, author) or uri
    if reason := _exclusion(author, labels):
        return Excluded(uri, reason, url)
    facets = list(items(record, "facets"))
    shown = sorted(labels & SENSITIVE)
    return RawPost(
        external_id=uri,
        kind=Kind.STATUS,
        url=url,
        content=_content(record["text"], facets, inner(view, "embed")),
        base_url=url,
        language=next(iter(texts(record, "langs")), None),
        published_at=written_at(view),
        author=_author(author),
        tags=(*_features(facets, "tag", "tag"), *texts(record, "tags")),
        media=tuple(_media(inner(view, "embed"))),
        in_reply_to=text(inner(inner(record, "reply"), "parent"), "uri"),
        mentions=tuple(profile_address(did) for did in _features(facets, "mention", "did")),
        aliases=(f"{profile_address(named[1])}/post/{named[2]}",),
        from_origin=True,
        sensitive=bool(shown),
        content_warning=", ".join(label.lstrip("!") for label in shown) or None,
        boosts=count(view, "repostCount"),
        replies=count(view, "replyCount"),
        remote_id=uri,
    )


def profile_address(actor: str) -> str:
    """Where a handle or DID is shown to people."""
    return f"{WEB}/profile/{quote(actor, safe=':')}"


def web_address(uri: str, author: Object) -> str | None:
    """Where a post is shown to people, by its author's handle; None where it is no post."""
    named = _URI.fullmatch(uri)
    if named is None:
        return None
    return f"{profile_address(_handle(author) or named[1])}/post/{named[2]}"


def written_at(view: Object) -> datetime | None:
    """What the network sorts by: the author's clock, unless it runs ahead of the index's."""
    claimed = moment(inner(view, "record"), "createdAt")
    indexed = moment(view, "indexedAt")
    return min((time for time in (claimed, indexed) if time is not None), default=None)


def _labels(view: Object, record: Object) -> frozenset[str]:
    """Those that services have put on the post, and the author's own."""
    given = [label for label in items(view, "labels") if label.get("neg") is not True]
    own = items(inner(record, "labels"), "values")
    return frozenset(value for label in (*given, *own) if (value := text(label, "val")))


def _exclusion(author: Object, labels: frozenset[str]) -> str | None:
    wishes = {label.get("val") for label in items(author, "labels") if label.get("neg") is not True}
    if SIGNED_IN_ONLY in wishes:
        return "opted-out"
    return None if HIDDEN.isdisjoint(labels | wishes) else "not-public"


def _handle(author: Object) -> str | None:
    """None where the handle does not lead to the account (`handle.invalid`)."""
    handle = text(author, "handle") or ""
    return handle if _HANDLE.fullmatch(handle) and handle != "handle.invalid" else None


def _author(author: Object) -> RawAuthor:
    handle, did = _handle(author), text(author, "did")
    known = handle or did
    return RawAuthor(
        name=text(author, "displayName") or handle,
        url=profile_address(known) if known else None,
        avatar_url=text(author, "avatar"),
        # The handle may change, the DID never does.
        account=profile_address(did) if did else None,
    )


def _features(facets: Sequence[Object], name: str, key: str) -> tuple[str, ...]:
    kind = f"app.bsky.richtext.facet#{name}"
    found = [
        text(feature, key)
        for facet in facets
        for feature in items(facet, "features")
        if feature.get("$type") == kind
    ]
    return tuple(value for value in found if value is not None)


def _content(written: str, facets: Sequence[Object], embed: Object) -> str:
    """The text, then a card's address and a quoted post's, unless the text links them."""
    content = rich_text(written, facets)
    parts = [
        f'<p><a href="{escape(url)}">{escape(label)}</a></p>'
        for url, label in _addresses(embed)
        if escape(url) not in content
    ]
    return "".join([content, *parts])


def rich_text(written: str, facets: Sequence[Object]) -> str:
    """Text with its facets as links. Their offsets count bytes of UTF-8; those that cannot be
    right (outside the text, overlapping, within a character) are left out.
    """
    raw = written.encode("utf-8", "replace")
    parts: list[str] = []
    done = 0
    for start, end, href in sorted(_spans(facets, len(raw))):
        if start < done:
            continue
        try:
            before, inner = raw[done:start].decode(), raw[start:end].decode()
        except UnicodeDecodeError:
            continue
        parts += [escape(before), f'<a href="{escape(href)}">{escape(inner)}</a>']
        done = end
    parts.append(escape(raw[done:].decode()))
    paragraphs = _PARAGRAPH.split("".join(parts).strip())
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


def _spans(facets: Sequence[Object], size: int) -> Iterator[tuple[int, int, str]]:
    for facet in facets:
        index = inner(facet, "index")
        start, end = index.get("byteStart"), index.get("byteEnd")
        href = next(filter(None, map(_href, items(facet, "features"))), None)
        if href and isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= size:
            yield start, end, href


def _href(feature: Object) -> str | None:
    if uri := text(feature, "uri"):
        return uri
    if tag := text(feature, "tag"):
        return f"{WEB}/hashtag/{quote(tag, safe='')}"
    did = text(feature, "did")
    return profile_address(did) if did else None


def _addresses(embed: Object) -> Iterator[tuple[str, str]]:
    for part in _parts(embed):
        card = inner(part, "external")
        if url := text(card, "uri"):
            yield url, text(card, "title") or url
        quoted = inner(part, "record")
        uri = text(quoted, "uri") if "value" in quoted else None
        if uri and (url := web_address(uri, inner(quoted, "author"))):
            yield url, f"RE: {url}"


def _parts(embed: Object) -> list[Object]:
    """The embed itself; of one that quotes and shows media, both."""
    if embed.get("$type") == "app.bsky.embed.recordWithMedia#view":
        return [inner(embed, "record"), inner(embed, "media")]
    return [embed]


def _media(embed: Object) -> Iterator[RawMedia]:
    """Pictures; of a video its still, since what the network streams needs a player."""
    for part in _parts(embed):
        for picture in (*items(part, "images"), *items(part, "items"), part):
            url = text(picture, "fullsize") or text(picture, "thumbnail")
            ratio = inner(picture, "aspectRatio")
            if url is not None:
                yield RawMedia(
                    url,
                    "image",
                    text(picture, "alt"),
                    pixels(ratio, "width"),
                    pixels(ratio, "height"),
                )
