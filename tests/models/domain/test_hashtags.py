import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.hashtags import LONGEST, extract, fold, is_hashtag, match_key

letters = st.characters(categories=["Lu", "Ll", "Lt", "Lm", "Lo"])
marks = st.characters(categories=["Mn", "Mc", "Me"])
digits = st.characters(categories=["Nd"])


def stays_whole(name: str) -> bool:
    """Some letters stand for several words in compatibility form."""
    folded = unicodedata.normalize("NFKC", name)
    return all(
        char.isalnum() or char == "_" or unicodedata.category(char).startswith("M")
        for char in folded
    )


names = (
    st.lists(st.one_of(letters, marks, digits, st.just("_")), min_size=1, max_size=12)
    .map("".join)
    .filter(lambda name: any(map(str.isalpha, name)) and stays_whole(name))
)
anything = st.text(st.characters(), max_size=30)
# Characters that folding changes, and those that may come to stand where they would be stripped.
odd = st.text(
    st.one_of(
        st.characters().filter(lambda char: unicodedata.normalize("NFKC", char).casefold() != char),
        marks,
        st.sampled_from("#＃﹟ \u00ad\u200c\u200d_a1\u0345"),
    ),
    max_size=6,
)


@given(st.one_of(anything, odd))
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert match_key(match_key(text)) == match_key(fold(text)) == match_key(text)


@given(names)
def test_case_form_and_sign_make_no_difference(name: str) -> None:
    forms = [name, f"#{name}", f"＃{name}", f" #{name} "]
    forms += [unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    assert {fold(form) for form in forms} == {fold(name)}
    assert {match_key(form) for form in forms} == {match_key(name)}
    # The dotless i of Turkish has the capital of another letter.
    cased = fold(name).replace("ı", "i")
    assert match_key(cased.upper()) == match_key(cased)


@given(names, st.sampled_from(["#", "＃"]))
def test_letters_digits_underscores_and_marks_make_a_tag(name: str, sign: str) -> None:
    assert extract(f"vor {sign}{name}, nach") == (fold(name),)
    assert is_hashtag(name)
    assert is_hashtag(sign + name)


@given(names, st.sampled_from(" ·.,;:!?-'’“»)]}…+*&/|\n\t\u00a0"), names)
def test_whatever_else_ends_a_tag(name: str, end: str, after: str) -> None:
    assert extract(f"#{name}{end}{after}") == (fold(name),)
    assert not is_hashtag(f"{name}{end}{after}")


@given(names, st.one_of(letters, digits, marks, st.sampled_from("_/&")))
def test_a_word_a_slash_or_an_ampersand_before_the_sign_forbids_it(name: str, before: str) -> None:
    assert extract(f"x{before}#{name}") == ()


@given(names, st.sampled_from("([{„“»'\"-–.,:;!?*·|\n\u00a0😀"))
def test_other_signs_before_it_do_not(name: str, before: str) -> None:
    assert extract(f"{before}#{name}") == (fold(name),)


@given(anything)
def test_what_is_found_is_a_folded_hashtag(text: str) -> None:
    found = extract(text)
    assert len(set(found)) == len(found)
    for tag in found:
        assert is_hashtag(tag)
        assert fold(tag) == tag


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#e20moocs ist nicht #E20Mooc", ("e20moocs", "e20mooc")),
        ("#e20mooc#tools", ("e20mooc",)),
        ("##e20mooc", ("e20mooc",)),
        ("#e20mooc-Treffen, (#tools)", ("e20mooc", "tools")),
        ("#e20mooc·#tools", ("e20mooc", "tools")),
        ("#A #b #a #B", ("a", "b")),
        ("Am&#8211;Ende &#x2013; &#e20mooc;", ()),
        ("C# F#dur Nr.#1 #12 #_ #", ()),
        ("#1a #2014 #20er", ("1a", "20er")),
        ("a·#tag", ("tag",)),
        ("e\u0301#tag", ()),
        ("#\ufe0f\u20e3", ()),
        ("#हिन्दी और #कुल", ("हिन्दी", "कुल")),
        ("#العَرَبِيَّة", ("العَرَبِيَّة",)),
        ("#می\u200cخواهم!", ("می\u200cخواهم",)),
        ("#e20\u00admooc", ("e20mooc",)),
        ("#tag\u200d", ("tag",)),
        ("#ＡＢＣ", ("abc",)),
        ("#Straße #STRASSE", ("strasse",)),
        ("#a¼ #m² #ﷺ", ("a1", "m2", "صلى")),
    ],
)
def test_tags_of_text(text: str, tags: tuple[str, ...]) -> None:
    assert extract(text) == tags


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/#tag",
        "https://example.org/?a=b!#tag",
        "http://example.org/x.#tag",
        "HTTPS://example.org/x,#tag",
        "(https://example.org/x)#tag",
        "www.example.org?#tag",
        "example.org/page?#tag",
        "gemini://example.org/,#tag",
        "mailto:a@example.org?subject=,#tag",
    ],
)
def test_addresses_hold_no_tags(address: str) -> None:
    assert extract(address) == ()
    assert extract(f"#vor {address} #nach") == ("vor", "nach")


@pytest.mark.parametrize("text", ["<https://example.org/>#tag", "und/oder, #tag", "1.5 #tag"])
def test_beside_addresses_they_count(text: str) -> None:
    assert extract(text) == ("tag",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Füße", "fusse"),
        ("CAFÉ", "cafe"),
        ("Łódź", "łodz"),
        ("tiếngviệt", "tiengviet"),
        ("العَرَبِيَّة", "العربية"),
        ("שָׁלוֹם", "שלום"),
        ("ё", "е"),
        ("می\u200cخواهم", "میخواهم"),
        ("❤\ufe0flich", "❤lich"),
    ],
)
def test_diacritics_are_not_compared(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e20mooc", "e20moocs"),
        ("e20mooc", "e20_mooc"),
        ("कुल", "कल"),
        ("ガス", "カス"),
        ("กุ", "กู"),
        ("o", "ø"),
        ("1a", "a"),
    ],
)
def test_other_words_stay_others(one: str, other: str) -> None:
    assert match_key(one) != match_key(other)


def test_what_is_too_long_is_no_tag() -> None:
    assert extract(f"#{'a' * LONGEST} #{'b' * (LONGEST + 1)}") == ("a" * LONGEST,)
    assert not is_hashtag("b" * (LONGEST + 1))
    assert extract("#a" + "\u0316\u0301" * 100_000) == ()


@pytest.mark.parametrize(
    "text", ["", "#", "12", "_", "a b", "a-b", "e20mooc!", "a#b", "\u0301", "a¼", "ﷺ"]
)
def test_what_is_no_hashtag(text: str) -> None:
    assert not is_hashtag(text)
