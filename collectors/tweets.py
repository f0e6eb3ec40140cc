"""A post of X's API v2, with what its answer includes, as a `RawPost`.

https://docs.x.com/x-api/fundamentals/data-dictionary
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

from collectors.fields import Object, count, inner, items, moment, pixels, text, texts
from collectors.statuses import Excluded
from models.domain.post import Kind, RawAuthor, RawMedia, RawPost

WEB = "https://x.com"
NO_LANGUAGE = frozenset({"art", "qam", "qct", "qht", "qme", "qst", "und", "zxx"})
"""Codes for posts of hashtags, links or pictures alone."""

_MEDIA_TYPES = {"photo": "image", "video": "image", "animated_gif": "image"}
_PARAGRAPH = re.compile(r"\n\s*\n")


class Included:
    """What an answer's `includes` hold, by id."""

    def __init__(self, answer: Object) -> None:
        includes = inner(answer, "includes")
        self.users = {user.get("id"): user for user in items(includes, "users")}
        self.media = {media.get("media_key"): media for media in items(includes, "media")}

    @property
    def count(self) -> int:
        """Resources that come beside the posts."""
        return len(self.users) + len(self.media)


def read_tweet(tweet: Object, included: Included) -> RawPost | Excluded | None:
    """The post, or why it is left out; None for what is passed on and for what is no post."""
    id_ = text(tweet, "id")
    if id_ is None or not id_.isdecimal() or _referred(tweet, "retweeted"):
        return None
    user = included.users.get(tweet.get("author_id"), {})
    name = text(user, "username")
    first = next(iter(texts(tweet, "edit_history_tweet_ids")), id_)
    url = f"{WEB}/{name}/status/{id_}" if name else _permalink(id_)
    if user.get("protected") is True:
        return Excluded(_permalink(first), "not-public", url)
    answered = _referred(tweet, "replied_to")
    metrics = inner(tweet, "public_metrics")
    return RawPost(
        # An edit is a new post with its own id; the first one names them all.
        external_id=_permalink(first),
        kind=Kind.STATUS,
        url=url,
        content=_content(tweet),
        base_url=url,
        language=_language(tweet),
        published_at=moment(tweet, "created_at"),
        author=_author(user, name),
        tags=tuple(tag for each in _entities(tweet, "hashtags") if (tag := text(each, "tag"))),
        media=tuple(_media(tweet, included)),
        in_reply_to=_local(answered) if answered else None,
        mentions=tuple(
            _account(named) for each in _entities(tweet, "mentions") if (named := text(each, "id"))
        ),
        local_key=_local(first),
        aliases=tuple(_aliases(id_, name)),
        from_origin=True,
        sensitive=tweet.get("possibly_sensitive") is True,
        boosts=count(metrics, "retweet_count"),
        replies=count(metrics, "reply_count"),
        remote_id=id_,
    )


def _permalink(id_: str) -> str:
    return f"{WEB}/i/web/status/{id_}"


def _local(id_: str) -> str:
    return f"local:x.com:{id_}"


def _account(id_: Any) -> str:
    """The name may change, the number never does."""
    return f"{WEB}/i/user/{id_}"


def _aliases(id_: str, name: str | None) -> Iterator[str]:
    yield _permalink(id_)
    if name:
        yield f"https://twitter.com/{name}/status/{id_}"


def _language(tweet: Object) -> str | None:
    code = text(tweet, "lang")
    return None if code in NO_LANGUAGE else code


def _referred(tweet: Object, how: str) -> str | None:
    for each in items(tweet, "referenced_tweets"):
        if each.get("type") == how:
            return text(each, "id")
    return None


def _author(user: Object, name: str | None) -> RawAuthor:
    return RawAuthor(
        name=text(user, "name") or name,
        url=f"{WEB}/{name}" if name else None,
        avatar_url=text(user, "profile_image_url"),
        account=_account(user["id"]) if "id" in user else None,
    )


def _whole(tweet: Object) -> Object:
    """Posts of more than 280 characters stand in `note_tweet`, with entities of their own."""
    note = inner(tweet, "note_tweet")
    return note if text(note, "text") else tweet


def _entities(tweet: Object, name: str) -> list[Object]:
    return list(items(inner(_whole(tweet), "entities"), name))


def _content(tweet: Object) -> str:
    """The text with its short addresses written out; a quoted post is linked.

    `text` comes with `&`, `<` and `>` escaped. Addresses are found by their text: the offsets of
    entities count characters of some other form of it.
    """
    shown = escape(unescape(text(_whole(tweet), "text") or ""))
    links = {escape(short): link for short, link in _links(tweet)}
    if links:
        pattern = "|".join(map(re.escape, sorted(links, key=len, reverse=True)))
        shown = re.sub(pattern, lambda match: links[match[0]], shown)
    paragraphs = [part for part in _PARAGRAPH.split(shown.strip()) if part.strip()]
    shown = "".join(f"<p>{part.strip().replace(chr(10), '<br>')}</p>" for part in paragraphs)
    quoted = _referred(tweet, "quoted")
    if quoted and f"/status/{quoted}" not in shown:
        url = _permalink(quoted)
        shown += f'<p><a href="{url}">RE: {url}</a></p>'
    return shown


def _links(tweet: Object) -> Iterator[tuple[str, str]]:
    """Short address -> its link; nothing for those that stand for the post's own pictures."""
    for each in _entities(tweet, "urls"):
        short = text(each, "url")
        target = text(each, "unwound_url") or text(each, "expanded_url")
        if short is None or target is None:
            continue
        shown = text(each, "display_url") or target
        own = "media_key" in each
        yield short, "" if own else f'<a href="{escape(target)}">{escape(shown)}</a>'


def _media(tweet: Object, included: Included) -> Iterator[RawMedia]:
    """Pictures; of a video its still."""
    for key in texts(inner(tweet, "attachments"), "media_keys"):
        media = included.media.get(key, {})
        url = text(media, "url") or text(media, "preview_image_url")
        kind = _MEDIA_TYPES.get(str(media.get("type")))
        if url and kind:
            width, height = pixels(media, "width"), pixels(media, "height")
            yield RawMedia(url, kind, text(media, "alt_text"), width, height)
