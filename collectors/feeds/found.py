"""What the readers of XML find in a feed, before anything is chosen or resolved.

Both readers, the strict one and feedparser's, fill the same records; `assemble` makes a batch of
them. So they can only differ in what they find, and a test compares that.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from models.domain.post import RawAuthor, RawMedia

ENTRY_LIMIT = 10_000
"""Entries of one feed that are read; further ones are the oldest, or no feed at all."""

_EMAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_EXTENSIONS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp"), "image"),
    **dict.fromkeys(("mp3", "m4a", "ogg", "oga", "opus", "flac", "wav", "aac"), "audio"),
    **dict.fromkeys(("mp4", "m4v", "webm", "mov", "ogv", "mkv", "avi"), "video"),
}
_PATH_EXTENSION = re.compile(r"\.([a-z0-9]{3,4})(?:[?#]|$)", re.IGNORECASE)

_CONTROLS = re.compile("[\x80-\x9f]")
_WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}


@dataclass(slots=True)
class Body:
    """A text of an entry, as its feed has it."""

    markup: str
    is_text: bool = False
    """True where the format declares plain text (Atom `type="text"`)."""
    base: str | None = None
    """Its own `xml:base`, absolute, or None."""
    language: str | None = None


@dataclass(slots=True)
class FoundSource:
    """Atom `source`, RSS `source`: the feed that an entry was taken over from."""

    addresses: list[str] = field(default_factory=list)
    title: str = ""
    authors: list[RawAuthor] = field(default_factory=list)


@dataclass(slots=True)
class FoundEntry:
    """One entry. Addresses may be relative to `base`; texts are stripped, empty if missing."""

    id: str = ""
    id_is_link: bool = False
    link: str = ""
    elsewhere: str = ""
    """Where its content stands, if not within (RFC 4287 4.1.3.2, `src`)."""
    title: str = ""
    title_is_text: bool = False
    contents: list[Body] = field(default_factory=list)
    summary: Body | None = None
    caption_title: str = ""
    """Of its media: the title of an entry that has no other."""
    captions: list[Body] = field(default_factory=list)
    """Texts about its media or for podcast players: the content where there is no other."""
    published: datetime | None = None
    updated: datetime | None = None
    created: datetime | None = None
    authors: list[RawAuthor] = field(default_factory=list)
    credits: list[RawAuthor] = field(default_factory=list)
    """`media:credit`: the author where nobody else is named."""
    tags: list[str] = field(default_factory=list)
    """As often as they are named."""
    enclosures: list[RawMedia] = field(default_factory=list)
    media: list[RawMedia] = field(default_factory=list)
    thumbnails: list[RawMedia] = field(default_factory=list)
    comments_url: str = ""
    """Of its feed of comments."""
    comments: str = ""
    """How many there are."""
    reply_url: str = ""
    reply_id: str = ""
    aliases: list[str] = field(default_factory=list)
    language: str | None = None
    base: str | None = None
    """The `xml:base` in force, absolute, or None."""
    is_video: bool = False
    cut_off: bool = False
    """The feed breaks off within it."""
    source: FoundSource | None = None


@dataclass(slots=True)
class FoundFeed:
    """A whole feed. `is_rss` covers RSS 0.9x, 1.0 and 2.0."""

    is_rss: bool
    id: str = ""
    title: Body = field(default_factory=lambda: Body(""))
    link: str = ""
    base: str | None = None
    language: str | None = None
    authors: list[RawAuthor] = field(default_factory=list)
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    hub: str = ""
    self_url: str = ""
    older: str = ""
    """The document with the entries before these (RFC 5005)."""
    generator: str = ""
    complete: bool = False
    withdrawn: list[str] = field(default_factory=list)
    entries: list[FoundEntry] = field(default_factory=list)


OLDER = ("prev-archive", "next")
"""Links to the document with the entries before these: RFC 5005 §4 and §3."""


def tidy(text: str | None) -> str:
    """Stripped, and mended where UTF-8 was read as ISO-8859-1, or windows-1252 called so."""
    if not text:
        return ""
    text = text.strip()
    if text.isascii():
        return text
    text = _decoded_again(text)
    return text.translate(_WINDOWS_1252) if _CONTROLS.search(text) else text


def _decoded_again(text: str) -> str:
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text  # which is the rule: it was read well


def person(text: str, url: str | None = None) -> RawAuthor | None:
    """`name`, `name <mail>` and `mail (name)`; None where only a mail address is given.

    Nobody who wrote a mail address into a feed wanted to see it on other people's pages.
    """
    name = text
    if "@" in text:
        name = _EMAIL.sub(" ", text[:500]).replace("&lt;&gt;", "")
        name = name.replace("()", " ").replace("<>", " ").strip(" \t\r\n()<>,;\"'")
    return RawAuthor(name=name, url=url or None) if name else None


def media_type(url: str, mime: str | None, medium: str | None = None) -> str | None:
    """`image`, `video` or `audio`; None for everything else, also for Flash and torrents."""
    for declared in (medium, mime):
        if declared:
            major = declared.strip().lower().partition("/")[0]
            if major in {"image", "video", "audio"}:
                return major
    if mime and not mime.strip().lower().startswith(("application/octet-stream", "binary/")):
        return None
    extension = _PATH_EXTENSION.search(url)
    return _EXTENSIONS.get(extension[1].lower()) if extension else None


def pixels(text: str | None) -> int | None:
    """A width or height, as far as it is a sensible number."""
    digits = (text or "").strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


def add_tags(tags: list[str], *names: str | None) -> None:
    """Adds what is not empty."""
    tags.extend(name for name in names if name)
