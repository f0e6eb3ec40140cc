"""A post, before (`RawPost`) and after (`Post`) it was made safe and comparable.

Collectors yield `RawPost`s: what the source said, in the source's own markup. `normalise` turns
one into a `Post`: sanitised HTML, plain text, folded hashtags, UTC times, identity keys. Nothing
in a `RawPost` is safe to show; everything in a `Post` is.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a post is, as the public API names it."""

    BLOG = "blog"
    STATUS = "status"
    VIDEO = "video"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class RawAuthor:
    """An author as the source names them; every field may hold markup or nonsense."""

    name: str | None = None
    url: str | None = None
    handle: str | None = None
    """`@user@host`, complete with the host, or None."""
    avatar_url: str | None = None
    account: str | None = None
    """The account's own URI where the protocol has one (ActivityPub actor), else None."""


@dataclass(frozen=True, slots=True)
class RawMedia:
    """A picture or a recording that belongs to a post."""

    url: str
    type: str = "image"
    """`image`, `video` or `audio`."""
    alt: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class RawPost:
    """One entry of an answer, as found. `normalise` makes a `Post` of it."""

    external_id: str
    """Stable within the source: Atom `id`, RSS `guid`, a status’s `uri`, else link or digest."""
    kind: Kind = Kind.BLOG
    url: str | None = None
    """Absolute address of the post itself."""
    title: str | None = None
    """May hold markup and entities (RSS does not say whether it does)."""
    title_is_text: bool = False
    """True where the format declares plain text (Atom `type="text"`, JSON Feed)."""
    content: str = ""
    """HTML, not sanitised. Relative addresses refer to `base_url`."""
    content_is_text: bool = False
    base_url: str | None = None
    summary: str | None = None
    """A shorter form, kept only where nothing of `content` may be shown."""
    language: str | None = None
    published_at: datetime | None = None
    """Aware UTC, or None where the source gave none that can be read."""
    updated_at: datetime | None = None
    author: RawAuthor = RawAuthor()
    tags: tuple[str, ...] = ()
    """The source's own categories or tag list, with or without `#`."""
    media: tuple[RawMedia, ...] = ()
    in_reply_to: str | None = None
    """URL, uid or local key (`local:…`) of the post this one answers."""
    mentions: tuple[str, ...] = ()
    """Profile URLs of the accounts named in it."""
    local_key: str | None = None
    """`local:{host}:{id}`: the id an instance uses in its own references, else None."""
    aliases: tuple[str, ...] = ()
    """Further addresses of the same post."""
    from_origin: bool = False
    """Whether the source is the post's home: the author's own feed, the status's own instance."""
    sensitive: bool = False
    content_warning: str | None = None
    boosts: int = 0
    """How often others passed it on, as the source counts."""
    replies: int = 0
    """How often it was answered, as the source counts."""
    remote_id: str | None = None
    """What the instance calls it by: it can be asked for by this id again."""
    comments_url: str | None = None
    """Its feed of comments (`wfw:commentRss`, Atom `rel=replies`)."""
    is_response: bool = False
    """It belongs because it answers a post of the course, whatever its tags: it stands under that
    post, as a comment."""
    cut_off: bool = False
    """The answer broke off within it: what is missing was not taken out."""


@dataclass(frozen=True, slots=True)
class Author:
    """An author, safe to show: plain text and http(s) addresses only."""

    name: str
    url: str | None = None
    handle: str | None = None
    avatar_url: str | None = None
    key: str = ""
    """Who this is for counting: account URI, else author URL, else (source, name)."""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or recording, safe to show: an absolute http(s) address and plain text."""

    url: str
    type: str
    alt: str | None
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class Post:
    """One sighting of a post, safe to show and ready to be stored.

    Two `Post`s with a common identity key are the same post, seen twice.
    """

    external_id: str
    entry_key: str
    """Digest of `external_id` (32 hex digits): the sighting's key within its source."""
    identity_keys: tuple[str, ...]
    """Digests, each naming this post within the course: uid, canonical URL, local id."""
    digest: str
    """Of everything shown: equal digests mean nothing to write (32 hex digits)."""
    kind: Kind
    url: str
    title: str | None
    content_html: str
    excerpt: str
    """Plain text, at most 300 characters."""
    language: str | None
    """Primary subtag in lower case (`de`), or None."""
    published_at: datetime
    """Aware UTC; the moment it was first seen where the source gave none that can be believed."""
    dated: bool
    """False where `published_at` is only the moment it was first seen."""
    updated_at: datetime | None
    author: Author
    hashtags: tuple[str, ...]
    """Folded (NFKC, casefold), without `#`, in order of appearance, no doubles."""
    links: tuple[str, ...]
    media: tuple[Media, ...]
    in_reply_to: str | None
    reply_key: str | None
    """Identity key of the post it answers, or None."""
    link_keys: tuple[str, ...]
    """Identity keys of `links`, in their order: how one post is found to link another."""
    mentions: tuple[str, ...]
    from_origin: bool
    sensitive: bool
    content_warning: str | None
    boosts: int = 0
    """Counts are no content: they do not enter the digest."""
    replies: int = 0
    remote_id: str | None = None
    comments_url: str | None = None
    """Absolute http(s) address."""
    text_length: int = 0
    """Characters of its visible text: whether it is long enough to be compared with others."""
    search_terms: str = ""
    """Folded stems of title, text, author and tags, without doubles, parted by spaces."""
    cut_off: bool = False
    """Only as good as new: it says nothing against what is known."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """An entry that is not the course's: kept by digest and reason, so that it can be explained."""

    external_id: str
    entry_key: str
    digest: str
    url: str | None
    title: str | None
    reason: str
    """`no-hashtag`, `not-public`, `opted-out`, `too-old`, …: a word the documentation explains."""
    hashtags: tuple[str, ...] = ()
    """Those it does carry, folded: evidence for whoever asks why it is not there."""
    cut_off: bool = False
    published_at: datetime | None = None
    """Where the source gave a time that can be believed; for whoever looks at it, not stored."""


Entry = Post | Unmatched
