"""Invented prose with the statistics of real prose: few words are frequent, most are rare.

What a stemmer, a full-text index and their caches cost depends on that more than on the letters.
"""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from random import Random

VOCABULARY = 60_000

_ONSETS = (
    *("b", "br", "d", "dr", "f", "g", "gl", "h", "k", "kl", "l", "m", "n", "p", "pr", "r"),
    *("s", "sch", "st", "str", "t", "tr", "v", "w", "z", "zw", ""),
)
_NUCLEI = ("a", "e", "i", "o", "u", "ä", "ö", "ü", "ei", "au", "ie", "eu")
_CODAS = ("", "", "n", "r", "l", "s", "t", "ch", "nd", "rt", "ng", "mm")
_ENDINGS = ("", "", "e", "en", "er", "ung", "ungen", "lich", "keit", "isch", "s", "st", "te", "ten")


class Prose:
    """Draws words, titles and paragraphs."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def words(self, count: int) -> Sequence[str]:
        return self._random.choices(_vocabulary(), cum_weights=_weights(), k=count)

    def title(self) -> str:
        return " ".join(self.words(self._random.randint(3, 9))).capitalize()

    def paragraphs(self, words: int) -> list[str]:
        """About so many words, in sentences, in paragraphs."""
        made: list[str] = []
        while words > 0:
            size = min(words, self._random.randint(25, 90))
            made.append(self._paragraph(size))
            words -= size
        return made

    def _paragraph(self, words: int) -> str:
        drawn, sentences, at = self.words(words), [], 0
        while at < words:
            length = self._random.randint(5, 18)
            sentences.append(" ".join(drawn[at : at + length]).capitalize() + ".")
            at += length
        return " ".join(sentences)


@cache
def _vocabulary() -> Sequence[str]:
    random = Random(1)
    found: dict[str, None] = {}
    while len(found) < VOCABULARY:
        # Frequent words are short ones.
        syllables = 1 + (len(found) > 150) + (len(found) > 3000) + (random.random() < 0.3)
        found[_word(random, syllables)] = None
    return tuple(found)


def _word(random: Random, syllables: int) -> str:
    parts = (
        random.choice(_ONSETS) + random.choice(_NUCLEI) + random.choice(_CODAS)
        for _ in range(syllables)
    )
    word = "".join(parts) + (random.choice(_ENDINGS) if syllables > 1 else "")
    return word.capitalize() if random.random() < 0.25 else word


@cache
def _weights() -> Sequence[float]:
    """Zipf's law, with Mandelbrot's correction for the first ranks."""
    return tuple(accumulate(1 / (rank + 2.7) for rank in range(VOCABULARY)))
