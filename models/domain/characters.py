"""Classes of characters that `re` has no name for, to be put between `[` and `]`."""

import unicodedata
from collections.abc import Iterable
from itertools import chain, compress, groupby


def _ranges(codes: Iterable[int]) -> str:
    """`a-cx-z` for the codes of a, b, c, x, y and z."""
    runs = groupby(enumerate(codes), key=lambda numbered: numbered[1] - numbered[0])
    spans = ([code for _, code in run] for _, run in runs)
    return "".join(f"{chr(span[0])}-{chr(span[-1])}" for span in spans)


_WITH_MARKS = (
    range(0x300, 0x3100),
    range(0xA600, 0xAC00),
    range(0xFB00, 0xFF00),
    range(0x10100, 0x12000),
    range(0x13000, 0x13500),
    range(0x16000, 0x17000),
    range(0x1B000, 0x1F000),
    range(0xE0100, 0xE01F0),
)
"""Between them lie Chinese, Korean, Tangut, cuneiform and what is not assigned: no marks."""


def _marks() -> Iterable[int]:
    """Without a step of Python for each character: every process does this when it starts."""
    codes = list(chain.from_iterable(_WITH_MARKS))
    categories = map(unicodedata.category, map(chr, codes))
    return compress(codes, map({"Mn", "Mc", "Me"}.__contains__, categories))


MARKS = _ranges(_marks())
r"""All combining marks (Mn, Mc, Me). `\w` holds none: it would end words at Hindi vowel signs."""

HYPHEN = "\u00ad"
"""The soft hyphen, which hyphenating plugins put into words and nobody sees."""
JOINERS = f"{HYPHEN}\u200c\u200d"
"""Characters without a shape of their own; they stand within words of Persian and Hindi."""

DIACRITICS = (
    "\u0300-\u036f\u0483-\u0487\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\ufe00-\ufe0f"
)
"""Marks without which a word is still the same word: accents, Hebrew and Arabic points, and
selectors of variants. The vowel signs of Indic scripts and the voicing marks of Kana are none."""
