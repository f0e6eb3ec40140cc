import re
import sys
import unicodedata

from models.domain.characters import DIACRITICS, MARKS


def test_marks_are_all_there_are() -> None:
    is_mark = re.compile(f"[{MARKS}]")
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        assert bool(is_mark.match(char)) == unicodedata.category(char).startswith("M"), hex(code)


def test_diacritics_are_marks_that_leave_the_word_the_same() -> None:
    is_diacritic = re.compile(f"[{DIACRITICS}]")
    found = [char for char in map(chr, range(sys.maxunicode + 1)) if is_diacritic.match(char)]
    # Some places of these blocks are not assigned yet.
    assert {unicodedata.category(char) for char in found} <= {"Mn", "Me", "Cn"}
    assert set("\u0301\u0308\u0327\u064b\u05b7\ufe0f") <= set(found)
    # A Hindi and a Thai vowel, the virama, the nukta, the voicing of Kana.
    assert not set("\u0941\u0e38\u094d\u093c\u3099") & set(found)
