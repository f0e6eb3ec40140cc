"""Hashtags: finding them in text, and which of them are the same.

A tag is `#` or `＃`, then letters, digits, underscores and marks with at least one letter, where no
word character, `/` or `&` stands before it: no URL fragment, no `&#8211;`, no `C#`.
"""

import re
import unicodedata
from functools import lru_cache

_TAG = re.compile(r"(?<![\w/&#＃])[#＃]([\w\u0300-\u036f\u200c\u200d·]+)")
_SIGNS = "#＃"
LONGEST = 100
"""Characters of a tag. What is longer is none; long runs of marks take quadratic time to fold."""


def fold(tag: str) -> str:
    """The tag without its sign, in compatibility form (NFKC) and without case."""
    return unicodedata.normalize("NFKC", tag.strip().lstrip(_SIGNS)).casefold()


@lru_cache(maxsize=4096)
def match_key(tag: str) -> str:
    """What is compared: the folded tag without diacritics, so that `#Füße` meets `#fusse`."""
    parts = unicodedata.normalize("NFD", fold(tag))
    bare = "".join(char for char in parts if unicodedata.category(char) != "Mn")
    return unicodedata.normalize("NFC", bare)


def extract(text: str) -> tuple[str, ...]:
    """The folded hashtags of plain text in order of appearance, each once."""
    if "#" not in text and "＃" not in text:
        return ()
    found = (match.group(1).strip("·\u200c\u200d") for match in _TAG.finditer(text))
    return tuple(dict.fromkeys(fold(tag) for tag in found if _is_tag(tag)))


def is_hashtag(text: str) -> bool:
    """Whether a text, with or without its sign, is one hashtag and nothing else."""
    bare = text.strip().lstrip(_SIGNS)
    match = _TAG.fullmatch("#" + bare)
    return match is not None and _is_tag(bare)


def _is_tag(text: str) -> bool:
    return len(text) <= LONGEST and any(char.isalpha() for char in text)
