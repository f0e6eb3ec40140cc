"""Ids: UUIDv7 for posts, short ones that a person can type for sources and participants."""

import secrets

import uuid_utils

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
"""Without what is easily misread: `0` and `o`, `1`, `i` and `l`, `u`."""
SHORT = 10


def new_post_id() -> str:
    """A UUIDv7 (RFC 9562): sorts by the time it was made."""
    return str(uuid_utils.uuid7())


def new_short_id() -> str:
    """Ten random characters (49 bits), unique within a course by its key."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SHORT))


def new_token() -> str:
    """128 random bits as 32 hex digits: names one claim of a lease."""
    return secrets.token_hex(16)
