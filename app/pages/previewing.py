"""What other sites show of a page whose address is shared: Open Graph (https://ogp.me)."""

from dataclasses import dataclass
from gettext import NullTranslations

from app.media.addresses import sources
from app.syndication.channel import author_of
from app.syndication.titles import title_of
from models.store.rows import FeedPost

CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """A page in a few words; what is None, the page's own title and question stand for."""

    url: str
    title: str | None = None
    description: str | None = None
    image: str | None = None
    image_alt: str | None = None
    author: str | None = None
    published: bool = False
    """Whether it is one thing with an author and a time."""


def of_post(post: FeedPost, public_url: str, words: NullTranslations) -> Preview:
    """Of a post that is to stay closed, only its warning; its picture is ours, from its proxy."""
    closed = post.sensitive or post.content_warning is not None
    shown = [] if closed else [media for media in post.media if media.type == "image"]
    image = sources(post, shown[0].url) if shown else None
    return Preview(
        url=f"{public_url}/{post.course}/posts/{post.id}",
        title=title_of(post, words),
        description=post.content_warning or (None if closed else shortened(post.excerpt)),
        image=public_url + image.src if image else None,
        image_alt=shown[0].alt if shown else None,
        author=author_of(post),
        published=True,
    )


def shortened(text: str) -> str | None:
    """Whole words, as many as such a preview has room for."""
    if len(text) <= CHARACTERS:
        return text or None
    return text[:CHARACTERS].rsplit(" ", 1)[0] + " …"
