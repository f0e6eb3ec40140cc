"""Full text: the stems a post is found by, and those a query asks for.

Both sides go the same way, so that both databases answer alike: folded, split into words, stemmed
by Snowball (PyStemmer) in the languages concerned, stripped of diacritics. Every word stands in the
index as it is and by its stem.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import Stemmer

from models.domain.characters import MARKS

LONGEST_WORD = 64
"""Characters of a word that count."""
MOST_TERMS = 5000
"""Stems kept of one post."""
MARKS_IN_A_ROW = 30
"""As in Unicode's Stream-Safe Text Format (UAX 15): to sort longer rows takes quadratic time."""
MOST_WORDS = 16
"""Words of a query that count."""

_WORD = re.compile(r"\w+")
_MARKED_WORD = re.compile(rf"[\w{MARKS}]+")
_ROW_OF_MARKS = re.compile(rf"([{MARKS}]{{{MARKS_IN_A_ROW}}})[{MARKS}]+")
_MAY_HOLD_MARKS = re.compile("[\u0300-\u1fff\u20d0-\U0001efff]")
_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_local = threading.local()


def terms(texts: Iterable[str], languages: Iterable[str]) -> tuple[str, ...]:
    """The distinct stems of texts in these languages (primary subtags), for the index.

    Of a post that holds too many the first are kept: name its long text last.
    """
    known = _known(languages)
    found: dict[str, None] = {}
    for text in texts:
        for word in dict.fromkeys(_words(text)):
            found.update(dict.fromkeys(_forms(word, known)))
            if len(found) >= MOST_TERMS:
                return tuple(found)[:MOST_TERMS]
    return tuple(found)


def query(q: str, languages: Iterable[str]) -> tuple[frozenset[str], ...]:
    """For each word of a query the stems of which one must be there."""
    known = _known(languages)
    forms = (frozenset(_forms(word, known)) for word in _words(q)[:MOST_WORDS])
    return tuple(dict.fromkeys(found for found in forms if found))


def _words(text: str) -> list[str]:
    pattern = _WORD
    if _MAY_HOLD_MARKS.search(text):
        pattern, text = _MARKED_WORD, _ROW_OF_MARKS.sub(r"\1", text)
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [word[:LONGEST_WORD] for word in pattern.findall(folded)]


def _known(languages: Iterable[str]) -> tuple[str, ...]:
    primary = (language.partition("-")[0].lower() for language in languages)
    return tuple(dict.fromkeys(code for code in primary if code in _ALGORITHMS))


@lru_cache(maxsize=32_768)
def _forms(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The word and its stems, without diacritics.

    Stemmed with and without its diacritics: who types `uber` has no umlaut to give the stemmer.
    """
    bare = _bare(word)
    forms = {bare: None}
    for language in languages:
        stem = _stemmer(language)
        forms[_bare(stem.stemWord(word))] = None
        forms[_bare(stem.stemWord(bare))] = None
    return tuple(form for form in forms if form)


def _bare(word: str) -> str:
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if char == "_" or char.isalnum())


def _stemmer(language: str) -> Stemmer.Stemmer:
    """A stemmer of this thread: they keep state and are not to be shared."""
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__.setdefault("stemmers", {})
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(_ALGORITHMS[language], 0)
    return stemmers[language]
