"""Full text: the stems a post is found by, and those a query asks for.

Both sides go the same way, so that both databases answer alike: folded, split into words, stemmed
by Snowball (PyStemmer) in the languages concerned, stripped of diacritics. The course's language is
always one of them, so a word is found as it was written, too.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import chain, islice

import Stemmer

from models.domain.characters import JOINERS, MARKS

LONGEST_WORD = 64
"""Characters of a word that count."""
MOST_TERMS = 5000
"""Stems kept of one post."""
TOGETHER = 1000
"""Words that are stemmed in one step."""
MARKS_IN_A_ROW = 30
"""As in Unicode's Stream-Safe Text Format (UAX 15): to sort longer rows takes quadratic time."""
MOST_WORDS = 16
"""Words of a query that count."""

REMEMBERED = 80_000
"""Words whose stems are kept, some 15 MB when full: real prose has as many within 10,000 posts."""
MIXTURES = 4
"""Lists of languages for which they are kept."""

_WORD = re.compile(rf"(\w{{1,{LONGEST_WORD}}})\w*")
_NO_WORD = re.compile(r"\W+")
_MARKED_WORD = re.compile(rf"([\w{MARKS}]{{1,{LONGEST_WORD}}})[\w{MARKS}]*")
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


def terms(texts: Iterable[str], languages: Iterable[str]) -> str:
    """The stems of texts in these languages (primary subtags), parted by spaces, none twice.

    Of a post that holds too many the first are kept: name its long text last.
    """
    forms = _forms(languages)
    words = iter(dict.fromkeys(chain.from_iterable(map(_words, texts))))
    found: dict[str, None] = {}
    # A thousand at once, because a step of Python for each word costs more than its stem.
    while len(found) < MOST_TERMS and (part := list(islice(words, TOGETHER))):
        forms.learn(part)
        found.update(dict.fromkeys(" ".join(map(forms.__getitem__, part)).split()))
    return " ".join(islice(found, MOST_TERMS))


def query(q: str, languages: Iterable[str]) -> tuple[frozenset[str], ...]:
    """For each word of a query the stems of which one must be there."""
    forms = _forms(languages)
    words = _words(q)[:MOST_WORDS]
    forms.learn(words)
    found = (frozenset(forms[word].split()) for word in words)
    return tuple(dict.fromkeys(each for each in found if each))


def _words(text: str) -> list[str]:
    pattern = _WORD
    if not text.isascii():
        for joiner in JOINERS:
            text = text.replace(joiner, "")
        if _MAY_HOLD_MARKS.search(text):
            pattern, text = _MARKED_WORD, _ROW_OF_MARKS.sub(r"\1", text)
    return pattern.findall(unicodedata.normalize("NFKC", text).casefold())


def _known(languages: Iterable[str]) -> tuple[str, ...]:
    """The languages to stem by; empty for one without a stemmer, whose words stay as they are."""
    primary = (language.partition("-")[0].lower() for language in languages)
    return tuple(dict.fromkeys(code if code in _ALGORITHMS else "" for code in primary))


class _Forms(dict[str, str]):
    """Each word with its stems in some languages, without diacritics, parted by spaces.

    Stemmed with and without its diacritics: who types `uber` has no umlaut to give the stemmer.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = languages

    def learn(self, words: Sequence[str]) -> None:
        """Makes those that are missing, together: one by one they take twice as long."""
        if len(self) + len(words) > REMEMBERED:
            self.clear()
        missing = [word for word in words if word not in self]
        plain = [word for word in missing if word.isascii()]
        marked = [word for word in missing if not word.isascii()]
        self._add(plain, [plain])
        self._add(marked, [[_bare(word) for word in marked], marked])

    def _add(self, words: Sequence[str], spellings: Sequence[Sequence[str]]) -> None:
        """`spellings` are the words in each of the ways in which they are stemmed."""
        ways = [_stemmed(each, language) for language in self._languages for each in spellings]
        for word, *stems in zip(words, *ways, strict=True):
            self[word] = " ".join(dict.fromkeys(map(_bare, stems)))


def _forms(languages: Iterable[str]) -> _Forms:
    """This thread's own: the stemmers within keep state."""
    known = _known(languages)
    kept: dict[Sequence[str], _Forms] = _local.__dict__.setdefault("forms", {})
    if known not in kept:
        if len(kept) >= MIXTURES:
            kept.clear()
        kept[known] = _Forms(known)
    return kept[known]


def _stemmed(words: Sequence[str], language: str) -> Sequence[str]:
    return _stemmer(language).stemWords(words) if language else words


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
