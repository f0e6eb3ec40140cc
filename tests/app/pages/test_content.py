"""A post's content as our pages show it."""

import pytest

from app.pages import content


def shown(html: str, below: int = 4) -> str:
    return str(content.shown(html, "Bild", below))


def test_headings_stand_below_the_posts_own() -> None:
    assert shown("<h2>Oben</h2><h3>Darunter</h3><h6>Tief</h6>", 3) == (
        "<h4 class=in-post>Oben</h4><h5 class=in-post>Darunter</h5><h6 class=in-post>Tief</h6>"
    )
    assert "<h2 class=in-post>" in shown("<h2>Oben</h2>", 1)
    assert "<h6 class=in-post>" in shown("<h5>Tief</h5>", 4)


def test_links_give_nothing_away() -> None:
    assert 'rel="noopener noreferrer nofollow ugc"' in shown("<a href='https://a.example'>A</a>")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img src='https://b.example/x' alt='Ein Hund'>", ">Bild: Ein Hund</a>"),
        ("<img src='https://b.example/x'>", ">Bild</a>"),
        ("<img src='https://b.example/x' alt='&lt;b&gt;'>", ">Bild: &lt;b&gt;</a>"),
        ("<img src='data:image/png;base64,AAAA' alt='X'>", "Bild: X"),
        ("<p>Text</p><img>", "<p>Text</p>Bild"),
    ],
)
def test_pictures_become_links(html: str, expected: str) -> None:
    found = shown(html)
    assert "<img" not in found
    assert found.endswith(expected)


def test_no_link_stands_within_a_link() -> None:
    for inner in (
        "<img src='https://b.example/x' alt='X'>",
        "<em><img src='https://b.example/x'></em>",
    ):
        found = shown(f"<a href='https://a.example'>{inner}</a>")
        assert found.count("<a ") == 1
        assert "Bild" in found


def test_wide_tables_can_be_scrolled_by_keys() -> None:
    assert '<table tabindex="0">' in shown("<table><tbody><tr><td>1</td></tr></tbody></table>")


def test_nothing_is_nothing() -> None:
    assert shown("") == ""
