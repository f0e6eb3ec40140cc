"""E-mail addresses as names of users: which are the same, and what is none."""

import re
import unicodedata

import idna

from models.domain.errors import Invalid

LONGEST = 254
"""Characters (RFC 5321 §4.5.3.1.3, as errata 1690 of RFC 3696 counts them)."""
LONGEST_NAME = 64
"""Bytes before the `@` (RFC 5321 §4.5.3.1.1)."""
_NAME = re.compile(r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f-\x9f]+")


def fold(text: str) -> str:
    """The one spelling under which a user is kept: without case, in compatibility form (NFKC), the
    domain in ASCII. Folding what is folded changes nothing.

    Mail servers may tell `Ada@` from `ada@` (RFC 5321 §2.4); people do not, and none does in
    practice. Raises `Invalid` for what is no address; the message does not quote it.
    """
    name, at, domain = _caseless(_caseless(text.strip())).partition("@")
    name, host = name.strip(), _host(domain)
    if not at or not _is_name(name) or not host:
        raise _not_an_address()
    folded = f"{name}@{host}"
    if len(folded) > LONGEST:
        raise _not_an_address()
    return folded


def _caseless(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _is_name(name: str) -> bool:
    if not _NAME.fullmatch(name) or any(unicodedata.category(sign) in "CfCs" for sign in name):
        return False
    return len(name.encode()) <= LONGEST_NAME


def _host(domain: str) -> str:
    """In ASCII; empty where it is none."""
    try:
        return idna.encode(domain, uts46=True, transitional=False).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""


def _not_an_address() -> Invalid:
    return Invalid("this is no e-mail address: write it as name@host.example", "email")
