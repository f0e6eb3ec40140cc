"""Titles of entries. Short posts have none, and most readers show nothing else in their lists."""

import re
from gettext import NullTranslations

from app.syndication.channel import author_of, clean
from app.syndication.words import MEDIA, SENSITIVE
from models.domain.html import excerpt
from models.store.rows import FeedPost

LONGEST = 60
"""Characters of a title's part that is made from the text."""
_NAME = re.compile(r"[@＠][\w.@-]+[:,]?")
_TAG = re.compile(r"[#＃]\w+[.,;:!…]*")
_ADDRESS = ("http://", "https://")


def title_of(post: FeedPost, words: NullTranslations) -> str:
    """The post's title, or one made of its author and its first words, else of what it shows.

    `words` are those of the course's language.
    """
    if post.title and (title := " ".join(clean(post.title).split())):
        return title
    said = _said(post, words)
    return f"{author_of(post)}: {said}" if said else author_of(post)


def _said(post: FeedPost, words: NullTranslations) -> str:
    if post.content_warning and (warning := clean(post.content_warning).strip()):
        return excerpt(warning, LONGEST)
    if post.sensitive:
        return words.gettext(SENSITIVE)
    text = clean(post.excerpt).strip()
    if first := excerpt(_without_apparatus(text), LONGEST):
        return first
    word = next((MEDIA[media.type] for media in post.media if media.type in MEDIA), None)
    return words.gettext(word) if word else excerpt(text, LONGEST)


def _without_apparatus(text: str) -> str:
    """The words alone: without addresses, nor the hashtags and names that frame them."""
    words = text.split()
    while words and (_TAG.fullmatch(words[-1]) or words[-1].startswith(_ADDRESS)):
        words.pop()
    begins = next((at for at, word in enumerate(words) if not _is_before_words(word)), len(words))
    kept = (word for word in words[begins:] if not word.startswith(_ADDRESS))
    return " ".join(kept).rstrip(",;:–- ")


def _is_before_words(word: str) -> bool:
    """Whether it says who is answered, or is a hashtag."""
    return bool(_NAME.fullmatch(word) or _TAG.fullmatch(word))
