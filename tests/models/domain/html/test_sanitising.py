import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.html import PROFILE, clean
from models.domain.html.profile import CLEANER, RENAMED
from models.domain.html.sanitising import DEEPEST
from models.domain.identity import digest
from tests.models.domain.html.inspecting import by_html_parser, lines, offences
from tests.models.domain.html.soup import bases, soups

BASE = "https://blog.example/2024/post"


def safe(html: str, base: str | None = None) -> str:
    return clean(html, base).html


@pytest.mark.parametrize("payload", lines("hostile.txt"))
@pytest.mark.parametrize("base", [None, BASE])
def test_nothing_hostile_is_left(payload: str, base: str | None) -> None:
    for markup in (payload, f"<p>vor {payload} nach</p>", f"<table><tr>{payload}", f"{payload}<b>"):
        cleaned = clean(markup, base)
        assert offences(cleaned.html) == []
        assert clean(cleaned.html, base) == cleaned


@given(soups, bases)
def test_whatever_comes_in_only_what_may_stay_comes_out(soup: str, base: str | None) -> None:
    cleaned = clean(soup, base)
    assert offences(cleaned.html) == []
    assert clean(cleaned.html, base) == cleaned
    assert not {*map(chr, range(9)), "\x0b", "\x7f", "\ud800", "\ufffe"} & set(cleaned.html)
    assert all(url.startswith(("http://", "https://")) for url in cleaned.links)
    assert all(image.url.startswith(("http://", "https://")) for image in cleaned.images)


@given(st.text(st.characters(), max_size=200))
def test_text_stays_text(text: str) -> None:
    markup = text.replace("&", "&amp;").replace("<", "&lt;")
    cleaned = clean(markup, None)
    assert offences(cleaned.html) == []
    assert "".join(cleaned.text.split()) == "".join(clean(f"<p>{markup}", None).text.split())


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<em>b</em></p>", "<p>a<em>b</em></p>"),
        ("<h1 class=x>a</h1>", "<h2>a</h2>"),
        ("<section>a</section>b", "<div>a</div>b"),
        ("<CENTER>a</CENTER>", "<div>a</div>"),
        ("<menu><li>a</menu>", "<ul><li>a</li></ul>"),
        ("<tt>a</tt><header-x>b</header-x>", "<code>a</code>b"),
        ("<h1>a</h1><\u017ftrike>b</\u017ftrike>", "<h2>a</h2>&lt;\u017ftrike&gt;b"),
        ("<p><stri\u212ae>a</stri\u212ae>", "<p>a</p>"),
        ("<font color=red>a</font>", "<p>a</p>"),
        ("<p>a<script>b</script>c", "<p>ac</p>"),
        ("<table><caption>a</caption><tr><td>b", "<table><caption>a</caption><tbody><tr><td>b"),
        ("<pre>\n\n\n a\n</pre>", "<pre> a\n</pre>"),
        ("<p>a&#1;&#0;&nbsp;b", "<p>a\ufffd&nbsp;b</p>"),
        ("<img src=mailto:a@b.example>c", "<p>c</p>"),
        ("<img src=x width=1 height=1>c", "<p>c</p>"),
        ("<img src=https://a.example/x width=0px>c", "<p>c</p>"),
        ("<img src=https://a.example/x width=10>", '<img src="https://a.example/x" width="10"'),
        ("<img src=data:,x alt=a>", '<img alt="a" loading="lazy">'),
        ("", ""),
        (" \n ", ""),
        ("a &amp; b\n\nc\nd", "<p>a &amp; b</p><p>c<br>d</p>"),
        ("it's", "<p>it's</p>"),
        ("&lt;b&gt;", "<p>&lt;b&gt;</p>"),
    ],
)
def test_what_becomes_of_it(html: str, expected: str) -> None:
    assert safe(html).startswith(expected)


@pytest.mark.parametrize(
    ("address", "base", "resolved"),
    [
        ("/x", BASE, "https://blog.example/x"),
        ("x?a=1&amp;b", BASE, "https://blog.example/2024/x?a=1&amp;b"),
        ("#top", BASE, f"{BASE}#top"),
        ("//a.example/x", BASE, "https://a.example/x"),
        ("/x", None, None),
        ("/x", "not an address", None),
        ("//a.example/x", None, None),
        ("https://a.example/x", None, "https://a.example/x"),
        ("mailto:a@b.example", BASE, "mailto:a@b.example"),
        ("tel:1", BASE, None),
        ("javascript:x", BASE, None),
    ],
)
def test_links_are_resolved_or_dropped(
    address: str, base: str | None, resolved: str | None
) -> None:
    href = f'href="{resolved}" ' if resolved else ""
    expected = f'<a {href}rel="noopener nofollow ugc">x</a>'
    assert safe(f'<a href="{address}">x</a>', base) == expected


def test_pictures_load_lazily_from_the_web_only() -> None:
    found = by_html_parser(safe('<img src="/x.png" loading=eager onerror=x>', BASE))
    assert found == [("img", {"src": "https://blog.example/x.png", "loading": "lazy"})]


def test_a_refused_attribute_changes_the_order_of_the_others_once_only() -> None:
    once = safe("<a href=javascript:x title=t lang=de>x</a><img src=data:x title=t width=9>")
    assert safe(once) == once


def test_links_within_links_come_apart() -> None:
    """Taking a scoping element out of a tree leaves what no markup can say."""
    nested = "<a href=https://a.example/>1<object-x><marquee><a href=https://b.example/>2"
    cleaned = clean(nested, None)
    assert clean(cleaned.html, None) == cleaned
    assert cleaned.links == ("https://a.example/", "https://b.example/")


@pytest.mark.parametrize(
    "nested",
    [
        "<div>" * 3_000,
        "<blockquote><p>" * 3_000,
        "<ul><li>" * 3_000,
        "<b>" * 3_000 + "</i>" * 2_000,
        "<div></p>" * 3_000,
        "<div></x>" * 30_000,
    ],
    ids=["divs", "quotes", "lists", "formats", "paragraphs", "unknown"],
)
def test_of_what_is_nested_too_deeply_the_text_is_kept(nested: str) -> None:
    cleaned = clean(f"{nested}Text &amp; <b>fett</b> #tag", None)
    assert cleaned.html == "<p>Text &amp;  fett  #tag</p>"
    assert cleaned.hashtags == ("tag",)


@pytest.mark.parametrize(
    "long",
    [
        "<p>a<br>b" * 2_500,
        "<ul>" + "<li>a" * 9_000 + "</ul>",
        "<table>" + "<tr><td>a<td>b" * 3_000 + "</table>",
        "<div>" * DEEPEST + "<p>a" * 9_000 + "</div>" * DEEPEST,
        "<p>a</p>" * 9_000,
    ],
    ids=["paragraphs", "items", "cells", "deep", "closed"],
)
def test_what_is_only_long_keeps_its_markup(long: str) -> None:
    assert "<p>a" in safe(long) or "<li>a" in safe(long) or "<td>a" in safe(long)


@pytest.mark.parametrize(
    "markup",
    [
        *("<" * 300_000, "<a " * 100_000, "<!--" * 100_000, "<p " * 100_000, "</p>" * 150_000),
        *("&" * 300_000, "&#" * 200_000, "<a href='" * 50_000, "<pre>" * 1_000, " " * 500_000),
        *("<img " * 100_000, '<img width="' * 50_000, "https://" * 50_000, "\n " * 200_000),
    ],
    ids=lambda markup: repr(markup[:8]),
)
def test_large_nonsense_ends(markup: str) -> None:
    assert offences(safe(markup)[:100_000].rpartition("<")[0]) == []


PROFILES = {2: "9732a8e8a785e699a6e2114827295cf2"}
"""Version of the profile -> digest of it."""


def test_another_profile_is_another_version() -> None:
    told = json.dumps([CLEANER, RENAMED], default=sorted, sort_keys=True)
    assert PROFILES.get(PROFILE) == digest(told)
