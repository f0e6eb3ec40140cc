"""Passwords: what may be one, and how they are kept (argon2id, RFC 9106).

The parameters are OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
"""

import unicodedata
from base64 import b64encode
from functools import cache
from secrets import token_bytes

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from models.domain.errors import Invalid

SHORTEST = 10
"""Characters."""
LONGEST = 1024
"""Bytes in UTF-8: more is no password but an attempt to keep us busy."""
MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1

_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


def checked(password: str) -> str:
    """The password as it is. Raises `Invalid`: length is the only rule (NIST SP 800-63B §3.1.1)."""
    normal = _bytes(password)
    if normal is None:
        raise Invalid("the password is no text in UTF-8: choose another", "password")
    if len(normal) > LONGEST:
        raise Invalid(f"the password is too long: {LONGEST} bytes are the most", "password")
    if len(normal.decode()) < SHORTEST:
        raise Invalid(
            f"the password is too short: take {SHORTEST} characters or more, a sentence perhaps",
            "password",
        )
    return password


def hashed(password: str) -> str:
    """What is kept of a password: parameters, salt and hash in one text. Raises `Invalid`."""
    return _HASHER.hash(_bytes(checked(password)) or b"")


def is_right(kept: str | None, password: str) -> bool:
    """Whether `kept` was made from this password.

    Without anything kept (nobody has that name) it takes as long to say no, so that the time does
    not tell who has an account.
    """
    normal = _bytes(password)
    if normal is None or len(normal) > LONGEST:
        normal, possible = b"", False
    else:
        possible = kept is not None
    try:
        return _HASHER.verify(kept or _nobodys(), normal) and possible
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(kept)


def _bytes(password: str) -> bytes | None:
    """In the one form in which keyboards' different spellings are equal (NFC); None: no text."""
    try:
        return unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None


@cache
def _nobodys() -> str:
    """What might be kept of a password, and is of none."""
    salt, hash_ = (b64encode(token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v={ARGON2_VERSION}$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash_}"
