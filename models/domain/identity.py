"""What names things: a post within its course, an entry within its source, a person.

All names are digests, BLAKE2b with 128 bits as 32 hex digits: short enough to be indexed, long
enough that two different inputs never meet.
"""

import hmac
import re
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from models.domain import links
from models.domain.post import RawPost
from models.domain.source import SourceSpec

SIZE = 16
MAX_ALIASES = 16

_HANDLE = re.compile(r"@[\w.-]+@[\w.-]+(:\d+)?")
_URI = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
"""An absolute URI beside web addresses: `http:///?p=1` is what broken sites have in common."""


def digest(*parts: str | None) -> str:
    """Of the parts in their order. None differs from "", and no two lists of parts run together."""
    told = "".join(["-" if part is None else f"{len(part)}:{part}" for part in parts])
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=SIZE).hexdigest()


@lru_cache(maxsize=8192)
def key_of_url(url: str) -> str:
    """The identity key of whatever stands at this address: equal for equal canonical URLs."""
    return digest("url", links.canonical(url))


def key_of_uid(uid: str) -> str:
    """The identity key of a uid that counts everywhere: an absolute URI."""
    return digest("uid", uid)


def key_of_local(key: str) -> str:
    """The identity key of what only its source's own ids name.

    No uid meets it: a feed may write whatever it likes into an id, `local:…` too.
    """
    return digest("local", key)


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA-256 as 64 hex digits: recognises what was erased, without the key tells nothing."""
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def is_handle(text: str) -> bool:
    """Whether this names an account on whatever instance: `@user@host`."""
    return _HANDLE.fullmatch(text) is not None


@lru_cache(maxsize=64)
def entry_key(external_id: str) -> str:
    """The key of an entry within its source."""
    return digest("entry", external_id)


@lru_cache(maxsize=1024)
def person_key(author_key: str) -> str:
    """The key of a person, from `Author.key`."""
    return digest("person", author_key)


def is_at_home(source: SourceSpec, address: str | None, uid: str) -> bool:
    """Whether a source may speak for a post: its address, else its id, is on the source's host.

    Without this check any feed could repeat another's posts and put its own text in their place.
    """
    if address is not None:
        return links.same_site(address, source.url)
    return not links.is_web_url(uid) or links.same_site(uid, source.url)


def identity_keys(raw: RawPost, source: SourceSpec, url: str, from_origin: bool) -> tuple[str, ...]:
    """What names this post in the course: global uid, canonical addresses, the instance's own id.

    A site's root names no post: some feeds link every entry there. An id that is no URI counts
    within its source only. Of a post that is at home here, an address elsewhere is no name: a feed
    could take any post's.
    """
    keys: dict[str, None] = {}
    uid = raw.external_id
    if links.is_web_url(uid):
        if not links.is_site_root(uid):
            keys[key_of_uid(uid)] = None
            # Statuses are answered by their uri, which need not be their address.
            keys[key_of_url(uid)] = None
    elif _URI.fullmatch(uid):
        keys[key_of_uid(uid)] = None
    for address in (url, *_aliases(raw, source, from_origin)):
        if not links.is_site_root(address) and key_of_url(address) != key_of_url(source.url):
            keys[key_of_url(address)] = None
    if raw.local_key:
        keys[key_of_local(raw.local_key)] = None
    if not keys:
        keys[key_of_local(f"{source.id}\x1f{uid}")] = None
    return tuple(keys)


def _aliases(raw: RawPost, source: SourceSpec, from_origin: bool) -> Iterator[str]:
    for alias in raw.aliases[:MAX_ALIASES]:
        if links.is_web_url(alias) and (not from_origin or links.same_site(alias, source.url)):
            yield alias


def reply_key(in_reply_to: str | None) -> str | None:
    """The identity key of the post that is answered, from `RawPost.in_reply_to`."""
    if not in_reply_to:
        return None
    if links.is_web_url(in_reply_to):
        return key_of_url(in_reply_to)
    if in_reply_to.startswith("local:"):
        return key_of_local(in_reply_to)
    return key_of_uid(in_reply_to)
