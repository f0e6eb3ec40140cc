"""A status of the Mastodon API as a `RawPost`. https://docs.joinmastodon.org/entities/Status/

Servers differ in what they fill in, so every field is looked at with suspicion.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from models.domain.hashtags import extract
from models.domain.html import plain
from models.domain.links import host_key, same_site
from models.domain.post import Kind, RawAuthor, RawMedia, RawPost
from models.domain.source import SourceSpec

_MEDIA_TYPES = {"image": "image", "gifv": "video", "video": "video", "audio": "audio"}
_UNWANTED = {"nobot", "nobots", "noindex"}
_TEXT = re.compile(r"\S")


class Excluded(NamedTuple):
    """A status that is not to be collected, and why (`not-public`, `opted-out`)."""

    external_id: str
    reason: str
    url: str | None


def read_status(status: Mapping[str, Any], source: SourceSpec) -> RawPost | Excluded | None:
    """The status, or why it is left out; None for boosts and for what is no status at all."""
    uri, account = _text(status, "uri"), status.get("account")
    if status.get("reblog") or uri is None or not isinstance(account, Mapping):
        return None
    url = _text(status, "url") or uri
    if reason := _exclusion(status, account, source):
        return Excluded(uri, reason, url)
    host = host_key(source.url)
    return RawPost(
        external_id=uri,
        kind=Kind.STATUS,
        url=url,
        content=_content(status),
        base_url=url,
        language=_text(status, "language"),
        published_at=_time(status, "created_at"),
        updated_at=_time(status, "edited_at"),
        author=_author(account, source),
        tags=tuple(tag["name"] for tag in _items(status, "tags") if _text(tag, "name")),
        media=tuple(_media(status)),
        in_reply_to=_reply(status, host),
        mentions=tuple(item["url"] for item in _items(status, "mentions") if _text(item, "url")),
        local_key=f"local:{host}:{status['id']}",
        from_origin=same_site(uri, source.url),
        sensitive=status.get("sensitive") is True,
        content_warning=_text(status, "spoiler_text"),
        boosts=_count(status, "reblogs_count"),
        replies=_count(status, "replies_count"),
        remote_id=str(status["id"]),
    )


def created_at(status: Mapping[str, Any]) -> datetime | None:
    """When it was written, in UTC; None where that cannot be read."""
    return _time(status, "created_at")


def _text(value: Mapping[str, Any], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) and _TEXT.search(found) else None


def _items(value: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    found = value.get(key)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, Mapping))


def _time(value: Mapping[str, Any], key: str) -> datetime | None:
    text = _text(value, key)
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        return None


def _exclusion(
    status: Mapping[str, Any], account: Mapping[str, Any], source: SourceSpec
) -> str | None:
    allowed = ("public", "unlisted") if source.rule.participant_registered else ("public",)
    if (status.get("visibility") or "public") not in allowed:
        return "not-public"
    if account.get("noindex") is True:
        return "opted-out"
    if source.rule.registered_only and account.get("indexable") is False:
        return "opted-out"
    bio = plain(_text(account, "note") or "")
    return None if _UNWANTED.isdisjoint(extract(bio)) else "opted-out"


def _author(account: Mapping[str, Any], source: SourceSpec) -> RawAuthor:
    acct = _text(account, "acct") or _text(account, "username") or ""
    url = _text(account, "url") or _text(account, "uri")
    handle = f"@{acct}" if "@" in acct else f"@{acct}@{urlsplit(source.url).netloc}"
    return RawAuthor(
        name=_text(account, "display_name") or _text(account, "username"),
        url=url,
        handle=handle if acct else None,
        avatar_url=_text(account, "avatar_static") or _text(account, "avatar"),
        # The profile's address is the one thing all copies of an account have in common:
        # `uri` came with Mastodon 4.2 and its kin leave it out.
        account=url,
    )


def _reply(status: Mapping[str, Any], host: str) -> str | None:
    answered = status.get("in_reply_to_id")
    return f"local:{host}:{answered}" if isinstance(answered, str | int) and answered else None


def _content(status: Mapping[str, Any]) -> str:
    """The text, then what belongs to it: a poll's choices, a quoted status, a preview's address."""
    content = _text(status, "content") or ""
    parts = [content, *_poll(status)]
    parts += [
        f'<p><a href="{html.escape(url)}">{html.escape(label)}</a></p>'
        for url, label in _addresses(status)
        if url not in content and html.escape(url) not in content
    ]
    return "".join(parts)


def _poll(status: Mapping[str, Any]) -> Iterator[str]:
    poll = status.get("poll")
    if not isinstance(poll, Mapping):
        return
    choices = [
        html.escape(choice["title"]) for choice in _items(poll, "options") if _text(choice, "title")
    ]
    if choices:
        yield "<ul>" + "".join(f"<li>{choice}</li>" for choice in choices) + "</ul>"


def _addresses(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if url := _quoted(status):
        yield url, f"RE: {url}"
    card = status.get("card")
    if isinstance(card, Mapping) and (url := _text(card, "url")):
        yield url, _text(card, "title") or url


def _quoted(status: Mapping[str, Any]) -> str | None:
    """Mastodon wraps the quoted status (4.5), Akkoma has it right there."""
    quote = status.get("quote")
    if not isinstance(quote, Mapping):
        return None
    quoted = quote.get("quoted_status", quote)
    return _text(quoted, "url") if isinstance(quoted, Mapping) else None


def _media(status: Mapping[str, Any]) -> Iterator[RawMedia]:
    for item in _items(status, "media_attachments"):
        url = _text(item, "remote_url") or _text(item, "url")
        kind = _MEDIA_TYPES.get(str(item.get("type")))
        if url is None or kind is None:
            continue
        meta = item.get("meta")
        original = meta.get("original") if isinstance(meta, Mapping) else None
        sizes = original if isinstance(original, Mapping) else {}
        yield RawMedia(
            url, kind, _text(item, "description"), _size(sizes, "width"), _size(sizes, "height")
        )


def _count(status: Mapping[str, Any], key: str) -> int:
    value = status.get(key)
    return value if isinstance(value, int) else 0


def _size(sizes: Mapping[str, Any], key: str) -> int | None:
    value = sizes.get(key)
    return value if isinstance(value, int) and 0 < value < 100_000 else None
