"""Full text: the stems a post is found by, and those a query asks for.

Both sides go the same way, so that both databases answer alike: folded, split into words, stemmed
by Snowball (PyStemmer) in the languages concerned, stripped of diacritics. The course's language is
always one of them, so a word is found as it was written, too.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, islice, repeat

import Stemmer

LONGEST_WORD = 64
MOST_TERMS = 5000
"""Stems kept of one post."""
MOST_WORDS = 16
"""Words of a query that count."""
REMEMBERED = 50_000
"""Words whose stems are kept, some 15 MB when full: real prose has as many within 5,000 posts."""

_WORD = re.compile(r"\w+")
_NO_WORD = re.compile(r"\W+")
_ALGORITHMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_local = threading.local()


def terms(texts: Iterable[str], languages: Iterable[str]) -> str:
    """The distinct stems of texts in these languages (primary subtags), parted by spaces."""
    known = _known(languages)
    words = islice(dict.fromkeys(_words("\n".join(texts))), MOST_TERMS)
    forms = chain.from_iterable(map(_forms, words, repeat(known)))
    return " ".join(islice(dict.fromkeys(forms), MOST_TERMS))


def query(q: str, languages: Iterable[str]) -> tuple[frozenset[str], ...]:
    """For each word of a query the stems of which one must be there."""
    known = _known(languages)
    words = islice(_words(q), MOST_WORDS)
    return tuple(dict.fromkeys(frozenset(_forms(word, known)) for word in words))


def _words(text: str) -> list[str]:
    words = _WORD.findall(_folded(text))
    if len(max(words, key=len, default="")) > LONGEST_WORD:
        return [word[:LONGEST_WORD] for word in words]
    return words


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _known(languages: Iterable[str]) -> tuple[str, ...]:
    """The languages to stem by; empty for one without a stemmer, whose words stay as they are."""
    primary = (language.partition("-")[0].lower() for language in languages)
    return tuple(dict.fromkeys(code if code in _ALGORITHMS else "" for code in primary))


@lru_cache(maxsize=REMEMBERED)
def _forms(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """The word's stems, without diacritics.

    Stemmed with and without its diacritics: who types `uber` has no umlaut to give the stemmer.
    """
    bare = _bare(word)
    forms: dict[str, None] = {}
    for language in languages:
        forms[_bare(_stem(bare, language))] = None
        if bare != word:
            forms[_bare(_stem(word, language))] = None
    forms.pop("", None)
    return tuple(forms)


def _stem(word: str, language: str) -> str:
    return _stemmer(language).stemWord(word) if language else word  # type: ignore[no-any-return]


def _bare(word: str) -> str:
    if word.isascii():
        return word
    return _NO_WORD.sub("", unicodedata.normalize("NFD", word))


def _stemmer(language: str) -> Stemmer.Stemmer:
    """A stemmer of this thread: they keep state and are not to be shared."""
    stemmers: dict[str, Stemmer.Stemmer] = _local.__dict__
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(_ALGORITHMS[language], 0)
    return stemmers[language]
