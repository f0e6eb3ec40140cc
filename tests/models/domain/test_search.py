import unicodedata
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain import search
from models.domain.search import LONGEST_WORD, MOST_TERMS, MOST_WORDS, query

GERMAN = ("de", "en")
texts = st.text(st.characters(), max_size=60)
languages = st.lists(st.sampled_from(["de", "en", "hi", "ar", "tr", "xx", "DE-at", ""]), max_size=3)
german = st.text("abcdefghijklmnopqrstuvwxyzäöüßÄÖÜ", min_size=1, max_size=20)


def terms(texts: Iterable[str], languages: Iterable[str]) -> tuple[str, ...]:
    return tuple(search.terms(texts, languages).split())


def finds(q: str, text: str, codes: tuple[str, ...] = GERMAN) -> bool:
    """As both databases do: every word is there in one of its forms."""
    index = set(terms([text], codes))
    words = query(q, codes)
    return bool(words) and all(forms & index for forms in words)


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("Werkzeug", "Werkzeuge"),
        ("Werkzeuge", "Werkzeug"),
        ("Werkzeugen", "Werkzeuge"),
        ("Haus", "Häuser"),
        ("Häuser", "Haus"),
        ("Hauser", "Häuser"),
        ("uber", "über"),
        ("über", "uber"),
        ("UBER", "Über"),
        ("Straße", "STRASSE"),
        ("strasse", "Straßen"),
        ("Fuß", "Füße"),
        ("fuße", "Fuss"),
        ("mögen", "mogen"),
        ("tool", "Tools"),
        ("sharing", "shared"),
        ("café", "cafe"),
        ("ﬁnden", "finden"),
        ("e20mooc", "#E20Mooc"),
        ("ada", "@ada@social.example"),
        ("social media", "Soziale Medien und Social-Media-Werkzeuge"),
        ("Werkzeug", "Werk\u00adzeuge"),
        ("Werk\u00adzeug", "Werkzeuge"),
        ("Werkzeug", "das\u00a0Werkzeug\u200b!"),
        ("social\u00a0media", "Social Media"),
    ],
)
def test_german_and_english_words_are_found(q: str, text: str) -> None:
    assert finds(q, text)
    assert finds(unicodedata.normalize("NFD", q), unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("q", "text"),
    [
        ("Werkzeug", "Werk"),
        ("Haus", "Maus"),
        ("e20mooc", "e20moocs2"),
        ("social media", "Social Business"),
        ("ab", "a b"),
    ],
)
def test_other_words_are_not(q: str, text: str) -> None:
    assert not finds(q, text)


@pytest.mark.parametrize(
    ("q", "text", "code"),
    [
        ("किताब", "यह एक किताब है", "hi"),
        ("كتب", "كُتُبٌ قديمة", "ar"),
        ("книга", "книги", "ru"),
        ("maisons", "maison", "fr"),
        ("ガス", "ガス 会社", "ja"),
    ],
)
def test_words_of_other_scripts_stay_whole(q: str, text: str, code: str) -> None:
    assert finds(q, text, (code,))
    assert len(query(q, (code,))) == 1


def test_a_hindi_word_is_not_found_by_its_consonants_one_by_one() -> None:
    assert not finds("क", "किताब", ("hi",))


@given(texts, languages)
def test_every_word_of_a_text_finds_it(text: str, codes: list[str]) -> None:
    index = set(terms([text], codes))
    assert all(forms & index for forms in query(text, codes))


@given(texts, languages)
def test_what_is_indexed_needs_no_escaping(text: str, codes: list[str]) -> None:
    found = [*terms([text], codes), *(form for forms in query(text, codes) for form in forms)]
    for term in found:
        assert term
        assert all(char == "_" or char.isalnum() for char in term)


@given(st.lists(german, max_size=8), st.permutations(["de", "en", "fr"]))
def test_diacritics_and_case_make_no_difference(words: list[str], codes: list[str]) -> None:
    text = " ".join(words)
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    for q in (text, text.upper(), bare):
        assert all(forms & set(terms([text], codes)) for forms in query(q, codes))


@given(st.lists(texts, max_size=3), languages)
def test_terms_are_distinct_and_the_same_each_time(parts: list[str], codes: list[str]) -> None:
    found = terms(parts, codes)
    assert len(set(found)) == len(found)
    assert terms(parts, codes) == found


def test_bounds() -> None:
    many = " ".join(f"wort{number}" for number in range(2 * MOST_TERMS))
    found = terms(["Titel", "Ada Beispiel", many], GERMAN)
    assert len(found) == MOST_TERMS
    assert {"titel", "ada"} <= set(found)
    assert len(query(many, GERMAN)) == MOST_WORDS
    long = "a" * (LONGEST_WORD + 20)
    assert finds(long, long)
    assert max(map(len, terms([long], GERMAN))) <= LONGEST_WORD
    assert terms(["e" + "\u0316\u0301" * 100_000], ("de",)) == ("e",)


@pytest.mark.parametrize("q", ["", " ", "!?", "\x00", "\ud800", "\u0301", "„“", "🎉"])
def test_a_query_without_words_asks_for_nothing(q: str) -> None:
    assert query(q, GERMAN) == ()
    assert terms([q], GERMAN) == ()
