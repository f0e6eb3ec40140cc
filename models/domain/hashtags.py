"""Hashtags: finding them in text, and which of them are the same.

A tag is `#` or `＃`, then letters, digits, underscores and marks with at least one letter, where no
word character, `/` or `&` stands before it: no URL fragment, no `&#8211;`, no `C#`.
"""

import re
import unicodedata
from functools import lru_cache

from models.domain.characters import DIACRITICS, HYPHEN, JOINERS, MARKS

LONGEST = 100
"""Characters of a tag; what is longer is none. Long rows of marks take quadratic time to fold."""

_SIGNS = "#＃"
_NAME = re.compile(rf"[\w{MARKS}]+(?:[{JOINERS}]+[\w{MARKS}]+)*")
_TAG = re.compile(rf"(?<![\w{MARKS}/&])[{_SIGNS}]({_NAME.pattern})")
_ADDRESS = re.compile(
    r"""(?:\b[a-z][a-z0-9+.-]{0,30}:// | \b(?:www\.|mailto:)
      | (?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63})+/ )
      [^\s<>"]*""",
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE = re.compile(rf"\A[\s{_SIGNS}]+")
_IGNORED = re.compile(f"[{DIACRITICS}{JOINERS}]+")


def fold(tag: str) -> str:
    """The tag without its sign, in compatibility form (NFKC) and without case.

    Folding what is folded changes nothing.
    """
    text = tag.replace(HYPHEN, "")
    if not text.isascii():
        text = _caseless(_caseless(text))  # the second time for what the first brought about
    return _without_sign(text.casefold())


def _caseless(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def _without_sign(text: str) -> str:
    return _BEFORE.sub("", text).rstrip()


@lru_cache(maxsize=4096)
def match_key(tag: str) -> str:
    """What is compared: the folded tag without diacritics, so that `#Füße` meets `#fusse`."""
    folded = fold(tag)
    if folded.isascii():
        return folded
    bare = _IGNORED.sub("", unicodedata.normalize("NFD", folded))
    return _without_sign(unicodedata.normalize("NFC", bare))


def extract(text: str) -> tuple[str, ...]:
    """The folded hashtags of plain text in order of appearance, each once; none from addresses."""
    if not _has_sign(text):
        return ()
    words = [_ADDRESS.sub(" ", word) for word in text.split() if _has_sign(word)]
    folded = (_folded(tag) for tag in _TAG.findall(" ".join(words)) if _is_tag(tag))
    return tuple(dict.fromkeys(tag for tag in folded if _is_tag(tag)))


def _folded(tag: str) -> str:
    """Up to what is no part of a tag in compatibility form: `¼` is `1⁄4`, `ﷺ` four words."""
    match = _NAME.match(fold(tag))
    return match.group() if match else ""


def _has_sign(text: str) -> bool:
    return "#" in text or "＃" in text


def is_hashtag(text: str) -> bool:
    """Whether a text, with or without its sign, is one hashtag and nothing else."""
    bare = _without_sign(text)
    return _is_tag(bare) and _NAME.fullmatch(bare) is not None and _folded(bare) == fold(bare)


def _is_tag(text: str) -> bool:
    return len(text) <= LONGEST and any(char.isalpha() for char in text)
