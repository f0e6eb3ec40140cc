"""A video as PeerTube's API gives it.

https://docs.joinpeertube.org/api-rest-reference.html
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from collectors import fields
from collectors.feeds import dates
from collectors.fields import Object
from models.domain.html import escape_text
from models.domain.links import absolute
from models.domain.post import Kind, RawAuthor, RawMedia, RawPost
from models.domain.source import SourceSpec


def post(source: SourceSpec, video: Object, tags: Sequence[str]) -> RawPost:
    """A video of an instance's list, or one that was asked for by its id."""
    base = f"{urlsplit(source.url).scheme}://{urlsplit(source.url).netloc}"
    url = absolute(fields.text(video, "url") or f"/videos/watch/{video['uuid']}", base)
    text = fields.text(video, "description") or fields.text(video, "truncatedDescription") or ""
    published = fields.text(video, "publishedAt")
    return RawPost(
        external_id=url or video["uuid"],
        kind=Kind.VIDEO,
        url=url,
        title=fields.text(video, "name"),
        title_is_text=True,
        content=escape_text(text),
        base_url=base,
        language=fields.text(fields.inner(video, "language"), "id"),
        published_at=dates.parse(published) if published else None,
        author=_author(video, base),
        tags=tuple(tags),
        media=_thumbnail(video, base),
        aliases=tuple(filter(None, (_own_address(video, base),))),
        from_origin=True,
        remote_id=video["uuid"],
        sensitive=video.get("nsfw") is True,
    )


def _own_address(video: Object, base: str) -> str | None:
    short = fields.text(video, "shortUUID")
    return absolute(f"/w/{short}", base) if short else None


def _author(video: Object, base: str) -> RawAuthor:
    actor = fields.inner(video, "account") or fields.inner(video, "channel")
    name, host = fields.text(actor, "name"), fields.text(actor, "host")
    return RawAuthor(
        name=fields.text(actor, "displayName") or name,
        url=absolute(fields.text(actor, "url") or "", base),
        handle=f"@{name}@{host}" if name and host else None,
        account=fields.text(actor, "url"),
    )


def _thumbnail(video: Object, base: str) -> tuple[RawMedia, ...]:
    path = fields.text(video, "previewPath") or fields.text(video, "thumbnailPath")
    picture = absolute(path, base) if path else None
    return (RawMedia(picture, "image"),) if picture else ()
