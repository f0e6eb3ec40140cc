"""Digests that name things: a post within its course, an entry within its source, a person.

All are BLAKE2b with 128 bits as 32 hex digits: short enough to be indexed, long enough that two
different inputs never meet.
"""

import hmac
from functools import lru_cache
from hashlib import blake2b

from models.domain.links import canonical

SIZE = 16


def digest(*parts: str | None) -> str:
    """Of the parts in their order. None differs from "", and no two lists of parts run together."""
    told = "".join(["-" if part is None else f"{len(part)}:{part}" for part in parts])
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=SIZE).hexdigest()


@lru_cache(maxsize=8192)
def key_of_url(url: str) -> str:
    """The identity key of whatever stands at this address: equal for equal canonical URLs."""
    return digest("url", canonical(url))


def key_of_uid(uid: str) -> str:
    """The identity key of a uid that counts everywhere (an absolute URI), or of a `local:` key."""
    return digest("uid", uid)


def keyed_hash(key: bytes, text: str) -> str:
    """HMAC-SHA-256 as 64 hex digits: recognises what was erased, without the key tells nothing."""
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


@lru_cache(maxsize=64)
def entry_key(external_id: str) -> str:
    """The key of an entry within its source."""
    return digest("entry", external_id)


@lru_cache(maxsize=1024)
def person_key(author_key: str) -> str:
    """The key of a person, from `Author.key`."""
    return digest("person", author_key)
