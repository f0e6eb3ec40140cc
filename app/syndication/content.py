"""What an entry holds, in every format: its content as a reader shows it, and its enclosures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from app.syndication.channel import clean
from app.syndication.words import SENSITIVE
from models.domain.post import Media
from models.store.rows import FeedPost

TYPES = {
    "image": {
        "avif": "image/avif",
        "gif": "image/gif",
        "jpeg": "image/jpeg",
        "jpg": "image/jpeg",
        "png": "image/png",
        "webp": "image/webp",
    },
    "video": {
        "m4v": "video/mp4",
        "mov": "video/quicktime",
        "mp4": "video/mp4",
        "ogv": "video/ogg",
        "webm": "video/webm",
    },
    "audio": {
        "flac": "audio/flac",
        "m4a": "audio/mp4",
        "mp3": "audio/mpeg",
        "oga": "audio/ogg",
        "ogg": "audio/ogg",
        "opus": "audio/ogg",
        "wav": "audio/wav",
    },
}
"""Media types by kind and ending: enclosures must name one, and sources seldom do."""

_OVERRIDE = re.compile(r"<(/?)bdo(?=[\s>])")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to an entry. How long it is, nobody knows who did not fetch it."""

    url: str
    type: str
    alt: str | None


def beside(post: FeedPost) -> Sequence[Media]:
    """The post's media that its content does not show already."""
    return [media for media in post.media if escape(media.url) not in post.content_html]


def content_of(post: FeedPost, words: NullTranslations) -> str:
    """All of it as HTML, its pictures too; closed where the post warns of it.

    Readers cannot be told otherwise, and most of them open `details` by a click. Text that is
    forced into a direction is only isolated: validators warn of `bdo`.
    """
    inner = Markup(_OVERRIDE.sub(r"<\1bdi", post.content_html))  # noqa: S704 - is sanitised
    inner += Markup("").join(_figure(media) for media in beside(post) if media.type == "image")
    if not is_closed(post):
        return str(inner)
    return str(
        Markup("<details><summary>{}</summary>{}</details>").format(
            post.content_warning or words.gettext(SENSITIVE), inner
        )
    )


def summary_of(post: FeedPost, words: NullTranslations) -> str:
    """A few lines of plain text: what is closed stays closed."""
    if is_closed(post):
        return clean(post.content_warning or words.gettext(SENSITIVE))
    return clean(post.excerpt)


def is_closed(post: FeedPost) -> bool:
    return post.sensitive or bool(post.content_warning)


def enclosures_of(post: FeedPost) -> Sequence[Enclosure]:
    """Files whose type can be told; none of a post that is closed."""
    if is_closed(post):
        return ()
    typed = ((media, _type(media)) for media in beside(post))
    return [Enclosure(media.url, type_, media.alt) for media, type_ in typed if type_]


def _type(media: Media) -> str | None:
    try:
        ending = urlsplit(media.url).path.rpartition(".")[2].lower()
    except ValueError:
        return None
    return TYPES.get(media.type, {}).get(ending)


def _figure(media: Media) -> Markup:
    size = Markup("")
    if media.width and media.height:
        size = Markup(' width="{}" height="{}"').format(media.width, media.height)
    return Markup('<p><img src="{}" alt="{}"{}></p>').format(media.url, media.alt or "", size)
