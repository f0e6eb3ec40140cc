import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.html import clean, escape_text, excerpt, plain, shortened, strip_controls
from tests.models.domain.html.inspecting import by_html_parser, lines, offences
from tests.models.domain.html.soup import soups

texts = st.text(st.characters(), max_size=60)
# Long texts of what must not be taken apart, and of what hides it.
clusters = st.lists(
    st.sampled_from(
        [
            "e\u0301",
            "a\u0308\u0323",
            "हि",
            "नी",
            "👍🏽",
            "👩\u200d👩\u200d👧",
            "❤\ufe0f",
            "x",
            " ",
            ", ",
        ]
    ),
    max_size=400,
)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Ein Titel", "Ein Titel"),
        ("  Ein\n\tTitel\u00a0 ", "Ein Titel"),
        ("Kaffee &amp; Kuchen", "Kaffee & Kuchen"),
        ("Kaffee &amp;amp; Kuchen", "Kaffee & Kuchen"),
        ("Kaffee & Kuchen", "Kaffee & Kuchen"),
        ("&#8222;Zitat&#8220; &#x2013; &auml;", "„Zitat“ – ä"),
        ("&amp;#8222;Zitat&amp;#8220;", "„Zitat“"),
        ("<b>fett</b> und <em class=x>kursiv</em>", "fett und kursiv"),
        ("&lt;b&gt;fett&lt;/b&gt; &lt;br /&gt;", "fett"),
        ("eins<br>zwei<p>drei</p>vier", "eins zwei drei vier"),
        ("a < b und c > d", "a < b und c > d"),
        ("1 &lt; 2", "1 < 2"),
        ("Wie man &lt;script&gt; schreibt", "Wie man <script> schreibt"),
        ("a<script>ran()</script>b<style>c{}</style>d<!-- e -->", "abd"),
        ("a<img src=x onerror=ran()>b<iframe srcdoc=x></iframe>", "a b"),
        ("\x00a\x1fb\ud800c&#1;d&#0;", "abcd\ufffd"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("", ""),
    ],
)
def test_titles_and_names_are_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize("payload", lines("hostile.txt"))
def test_no_markup_of_a_title_is_left(payload: str) -> None:
    text = plain(f"vor {payload}")
    # What was escaped is text, and may speak of tags; it is escaped wherever it is shown.
    if "&" not in payload:
        assert "<script" not in text.lower()


@given(soups)
def test_one_line_without_controls(soup: str) -> None:
    text = plain(soup)
    assert text == " ".join(text.split())
    assert text == strip_controls(text)


@given(texts)
def test_text_as_html_says_the_same(text: str) -> None:
    html = escape_text(text)
    assert offences(html) == []
    assert {tag for tag, _ in by_html_parser(html)} <= {"p", "br", "a"}
    assert clean(html, None).text.split() == strip_controls(text).split()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("<b> & \"c\" 'd'", "<p>&lt;b&gt; &amp; \"c\" 'd'</p>"),
        (" \n ", ""),
    ],
)
def test_paragraphs(text: str, html: str) -> None:
    assert escape_text(text) == html


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("(https://a.example/x).", "https://a.example/x"),
        ("https://a.example/A_(B), und", "https://a.example/A_(B)"),
        ("„https://a.example/x?a=1&b=2#c“!", "https://a.example/x?a=1&b=2#c"),
        ("<https://a.example/x>", "https://a.example/x"),
        ('"https://a.example/"', "https://a.example/"),
        ("https://a.example/x…", "https://a.example/x"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("javascript:https://a.example/", "https://a.example/"),
    ],
)
def test_addresses_become_links_without_the_sentence_around(text: str, url: str) -> None:
    assert clean(escape_text(text), None).links == (url,)


@given(texts, st.integers(1, 40))
def test_an_excerpt_has_its_length(text: str, limit: int) -> None:
    short = excerpt(text, limit)
    line = " ".join(text.split())
    assert len(short) <= limit
    assert short == line if len(line) <= limit else short.endswith("…")
    assert line.startswith(short.removesuffix("…").rstrip())


@given(clusters.map("".join))
def test_nothing_is_cut_within_a_combining_sequence(text: str) -> None:
    for short in (excerpt(text), shortened(text, 300)):
        assert len(short) <= 300
        begin = short.removesuffix("…")
        source = text if short == shortened(text, 300) else " ".join(text.split())
        rest = source[len(begin) :]
        if short.endswith("…") and rest:
            assert not unicodedata.category(rest[0]).startswith("M")
            assert rest[0] not in "\u200d🏽"
            assert not begin.endswith("\u200d")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Ein kurzer Satz.", "Ein kurzer Satz."),
        ("Ein langer Satz, der nicht passt", "Ein langer Satz…"),
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschifffah…"),
        ("abcdefghijklmnopqrs tuvwxyz", "abcdefghijklmnopqrs…"),
        ("abcdefghijklmnopqr\u0301\u0301\u0301", "abcdefghijklmnopq…"),
        ("\u0301" * 30, "…"),
    ],
)
def test_excerpts_end_between_words(text: str, short: str) -> None:
    assert excerpt(text, 20) == short


@given(st.text(st.characters(), max_size=30))
def test_controls_are_stripped_once(text: str) -> None:
    stripped = strip_controls(text)
    assert strip_controls(stripped) == stripped
    assert stripped.encode("utf-8").decode("utf-8") == stripped
    assert not {*map(chr, range(9)), "\x0b", "\x0c", "\x1b", "\x7f", "\ufffe", "\uffff"} & set(
        stripped
    )
    assert [char for char in text if char in "\t\n\r "] == [
        char for char in stripped if char in "\t\n\r "
    ]


@pytest.mark.parametrize(("limit", "short"), [(7, "a a a…"), (8, "a a a a…"), (9, "a a a a…")])
def test_an_excerpt_of_the_shortest_words_tells_that_there_are_more(limit: int, short: str) -> None:
    assert excerpt("a " * 50, limit) == short
