"""A post's content as our pages show it."""

from collections.abc import Mapping

import pytest
from selectolax.lexbor import LexborHTMLParser

from app.media.addresses import Sources
from app.pages import content


def ours(url: str) -> Sources:
    """As if the original's address were only shortened."""
    name = url.removeprefix("https://b.example/")
    return Sources(f"/media/640/{name}", f"/media/640/{name} 640w, /media/1280/{name} 1280w")


def shown(html: str, below: int = 4) -> str:
    return str(content.shown(html, ours, "Bild", below))


def image(html: str) -> Mapping[str, str | None]:
    """The attributes of the only picture."""
    (found,) = LexborHTMLParser(shown(html)).css("img")
    return found.attributes


def test_headings_stand_below_the_posts_own() -> None:
    assert shown("<h2>Oben</h2><h3>Darunter</h3><h6>Tief</h6>", 3) == (
        "<h4 class=in-post>Oben</h4><h5 class=in-post>Darunter</h5><h6 class=in-post>Tief</h6>"
    )
    assert "<h2 class=in-post>" in shown("<h2>Oben</h2>", 1)
    assert "<h6 class=in-post>" in shown("<h5>Tief</h5>", 4)


def test_links_give_nothing_away() -> None:
    assert 'rel="noopener noreferrer nofollow ugc"' in shown("<a href='https://a.example'>A</a>")


def test_pictures_come_from_us_and_keep_their_words() -> None:
    assert image("<p><img src='https://b.example/x' alt='Ein &lt;b&gt; Hund'></p>") == {
        "src": "/media/640/x",
        "alt": "Ein <b> Hund",
        "loading": "lazy",
        "decoding": "async",
    }


@pytest.mark.parametrize(
    ("html", "alt"),
    [
        ("<img src='https://b.example/x'>", "Bild"),
        ("<img src='https://b.example/x' alt=''>", ""),
        ("<a href='https://a.example'><img src='https://b.example/x' alt=''></a>", "Bild"),
        ("<a href='https://a.example'>Da: <img src='https://b.example/x' alt=''></a>", ""),
        ("<a href='https://a.example'><em><img src='https://b.example/x'></em></a>", "Bild"),
    ],
)
def test_a_picture_without_words_is_told_where_nothing_else_is(html: str, alt: str) -> None:
    assert (image(html)["alt"] or "") == alt


def test_wide_pictures_come_in_two_widths_and_keep_their_place() -> None:
    found = image("<img src='https://b.example/x' alt='' width='800' height='600'>")
    assert found["srcset"] == "/media/640/x 640w, /media/1280/x 1280w"
    assert (found["width"], found["height"]) == ("800", "600")
    for width in ("20", "640", "100%", "x", "9" * 5000):
        assert "srcset" not in image(f"<img src='https://b.example/x' width='{width}'>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img src='data:image/png;base64,AAAA' alt='&lt;b&gt;'>", "Bild: &lt;b&gt;"),
        ("<p>Text</p><img>", "<p>Text</p>Bild"),
        ("<img src='/relative.png'>", "Bild"),
    ],
)
def test_what_has_no_address_is_a_word(html: str, expected: str) -> None:
    assert shown(html) == expected


def test_pictures_are_left_out() -> None:
    html = shown("<p>Vor <img src='https://b.example/x' alt='Ein Hund'> und &lt;danach&gt;</p>")
    assert content.unpictured(html) == "<p>Vor  und &lt;danach&gt;</p>"


def test_wide_tables_can_be_scrolled_by_keys() -> None:
    assert '<table tabindex="0">' in shown("<table><tbody><tr><td>1</td></tr></tbody></table>")


def test_nothing_is_nothing() -> None:
    assert shown("") == ""


def closed(html: str) -> str:
    return str(content.closed(shown(html), "Zeigen", "Bild"))


def test_a_picture_that_waits_is_a_link_to_it() -> None:
    html = closed("<p>Da <img src='https://b.example/x' alt='Ein &lt;b&gt;' width='900'></p>")
    (link,) = LexborHTMLParser(html).css("p > a.picture")
    assert link.text() == "Zeigen: Ein <b>"
    assert link.attributes == {
        "class": "picture",
        "href": "/media/640/x",
        "data-alt": "Ein <b>",
        "data-width": "900",
        "data-srcset": "/media/640/x 640w, /media/1280/x 1280w",
        "data-sizes": content.SIZES,
    }
    assert ">Zeigen</a>" in closed("<img src='https://b.example/x'>")


def test_it_stands_behind_the_link_it_was_in() -> None:
    picture = "<img src='https://b.example/x' alt='Hund'>"
    assert closed(f"<a href='https://a.example'>Da {picture}</a>!") == (
        '<a href="https://a.example" rel="noopener noreferrer nofollow ugc">Da </a>'
        '<a class="picture" href="/media/640/x" data-alt="Hund">Zeigen: Hund</a>!'
    )
    assert closed(f"<a href='https://a.example'>{picture}</a>") == (
        '<a class="picture" href="/media/640/x" data-alt="Hund">Zeigen: Hund</a>'
    )
