import pytest
from hypothesis import given

from models.domain.html import clean, picture_urls, visible_text
from models.domain.html.reading import read
from models.domain.post import RawMedia
from tests.models.domain.html.soup import soups


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("a<p>b</p>c", "a\nb\nc"),
        ("a<ul><li>b<li>c<ol><li>d</ol></ul>e", "a\nb\nc\nd\ne"),
        ("a<br>b<hr>c", "a\nb\nc"),
        ("a<blockquote>b</blockquote><pre>c\n  d</pre>", "a\nb\nc\nd"),
        ("<table><caption>a</caption><tr><td>b<td>c</table>", "a\nb\nc"),
        ("<dl><dt>a<dd>b</dl><figure><img src=x>c<figcaption>d</figure>", "a\nb\nc\nd"),
        ("<section>a</section><article>b</article>", "a\nb"),
        ("<p>a<b>b</b><i>c</i> <em>d</em></p>", "abc d"),
        ("<p> a\n\n b&nbsp;&nbsp;c </p>\n\n<p></p><p>d</p>", "a b c\nd"),
        ("Wort<img src=https://a.example/x>Wort", "Wort\nWort"),
        ("<p>&lt;p&gt; &amp;amp;</p>", "<p> &amp;"),
        ("<details><summary>a</summary>b</details>", "a\nb"),
    ],
)
def test_text_as_it_is_seen(html: str, text: str) -> None:
    cleaned = clean(html, None)
    # Line breaks within a block are spaces to a reader, but they part words as well.
    assert cleaned.text.split() == text.split()
    assert cleaned.text == text or "\n" in html
    assert visible_text(cleaned.html) == cleaned.text


@pytest.mark.parametrize(
    ("html", "tags"),
    [
        ("<p>#Eins <b>#zwei</b> #<i>drei</i></p>", ("eins", "zwei", "drei")),
        ("Text<p>#tag</p>", ("tag",)),
        ("<ul><li>#a</li><li>#b</li></ul>", ("a", "b")),
        ("Ende.<br>#a<br>#b", ("a", "b")),
        ("Bild<img src=https://a.example/#x alt=#y title=#z>#tag", ("tag",)),
        ('<a href="https://a.example/#x" title="#y">#<span>tag</span></a>', ("tag",)),
        ("<a href=https://a.example/>https://a.example/?q=,#x</a>", ()),
        ("<code>#a</code> <pre>#b</pre> <kbd>#c</kbd> <samp>#d</samp> <tt>#e</tt> #f", ("f",)),
        ("<pre><code>color: #fff <kbd>#a</kbd></code></pre>" * 20, ()),
        ("a &#8211; b &amp;#8211; &#x2013;", ()),
        ("<script>#a</script><style>#b{}</style><!-- #c --><textarea>#d</textarea>", ()),
        ("wort#a <b>wort</b>#b", ()),
        ("&#35;tag", ("tag",)),
        ("#e20moocs", ("e20moocs",)),
    ],
)
def test_hashtags_are_those_of_visible_text(html: str, tags: tuple[str, ...]) -> None:
    assert clean(html, None).hashtags == tags


def test_links_and_pictures() -> None:
    cleaned = clean(
        '<a href="/a">1</a><a href="https://b.example/x y">2</a><a href=/a>3</a>'
        "<a href=mailto:a@b.example>4</a><a>5</a>"
        '<img src=/p.png alt="Ein Bild" width=20 height=10%><img alt=x>',
        "https://c.example/",
    )
    assert cleaned.links == ("https://c.example/a", "https://b.example/x%20y")
    assert cleaned.images == (
        RawMedia("https://c.example/p.png", alt="Ein Bild", width=20, height=None),
    )


@pytest.mark.parametrize(
    "name",
    ["#<span>sample</span>", "<b>#</b>sample", "＃sample", "@<span>ada</span>", "@ada@a.example"],
)
def test_hashtags_and_mentions_are_no_links(name: str) -> None:
    linked = '<a href="https://b.example/#x">Nr. #7 by @ada</a><a href=https://c.example/>@</a>'
    cleaned = clean(f"<p><a href=https://a.example/sample>{name}</a> {linked}</p>", None)
    assert cleaned.links == ("https://b.example/#x", "https://c.example/")


@given(soups)
def test_what_is_read_is_what_browsers_make_of_it(soup: str) -> None:
    cleaned = clean(soup, None)
    assert cleaned.html == "" or read(cleaned.html) == cleaned
    assert visible_text(cleaned.html) == cleaned.text


@pytest.mark.parametrize(
    "html", ["<a>1<a>2</a></a>", "<p><p>x</p></p>", "<table>x</table>", "<pre>\nx</pre>", "<b>x"]
)
def test_what_browsers_read_otherwise_is_not_read(html: str) -> None:
    assert read(html) is None


def test_addresses_of_pictures_are_read_as_they_are_shown() -> None:
    safe = clean(
        "<p><img src='/a?b=1&amp;c'></p><img src='https://x.example/y'>", "https://b.example"
    )
    assert picture_urls(safe.html) == ("https://b.example/a?b=1&c", "https://x.example/y")
    assert picture_urls("<p>None</p>") == ()
