import pytest

from models.domain.html import clean
from tests.models.domain.html.inspecting import by_html_parser

BASE = "https://blog.example/2024/post"


def shown(html: str) -> list[tuple[str, str]]:
    """Addresses in what is left: of links and of pictures."""
    elements = by_html_parser(clean(html, BASE).html)
    return [
        (tag, attributes.get("href") or attributes.get("src") or "")
        for tag, attributes in elements
        if tag in {"a", "img"}
    ]


YOUTUBE = [
    ("a", "https://www.youtube.com/watch?v=a-b_c012345"),
    ("img", "https://i.ytimg.com/vi/a-b_c012345/hqdefault.jpg"),
]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<iframe src='https://www.youtube.com/embed/a-b_c012345?rel=0'></iframe>", YOUTUBE),
        ("<IFRAME SRC=//youtube-nocookie.com/embed/a-b_c012345></IFRAME>", YOUTUBE),
        ("<iframe data-src='https://www.youtube.com/embed/a-b_c012345'></iframe>", YOUTUBE),
        (
            "<iframe src=https://player.vimeo.com/video/123?h=1></iframe>",
            [("a", "https://vimeo.com/123")],
        ),
        (
            "<iframe src=https://tube.example/videos/embed/abcdefgh-1></iframe>",
            [("a", "https://tube.example/w/abcdefgh-1")],
        ),
        ("<video src=/a.mp4 controls></video>", [("a", "https://blog.example/a.mp4")]),
        (
            "<video><source src=b.webm><source src=b.mp4>Ihr Browser …</video>",
            [("a", "https://blog.example/2024/b.webm")],
        ),
        ("<audio src=https://a.example/c.mp3></audio>", [("a", "https://a.example/c.mp3")]),
        ("<iframe src=https://maps.example/embed></iframe>", []),
        ("<iframe src=https://www.youtube.com/embed/></iframe>", []),
        ("<iframe srcdoc='<p>x</p>'></iframe>", []),
        ("<video></video><audio src=data:,x></audio>", []),
        (
            "<video src=/a.mp4><video src=/b.mp4><audio src=/c.ogg>d</audio></video></video>" * 3,
            [("a", "https://blog.example/a.mp4")] * 3,
        ),
    ],
)
def test_players_become_links(html: str, expected: list[tuple[str, str]]) -> None:
    assert shown(html) == expected
    assert shown(f"<p>vor {html} nach <b>fett</b></p>") == expected


def test_the_link_says_what_it_leads_to() -> None:
    video = clean("<iframe src='https://player.vimeo.com/video/1'></iframe>", BASE)
    assert video.text == "Video: vimeo.com"
    assert clean("<audio src=/x.ogg></audio>", BASE).text == "Audio: blog.example"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("data-src=/x.png src=data:image/gif;base64,R0lGODlhAQABAAAAACw", "/x.png"),
        ("data-src=/x.png src=/spacer.gif", "/x.png"),
        ("data-lazy-src=/x.png", "/x.png"),
        ("data-orig-src='/x.png' src='/spacer.gif'", "/x.png"),
        ("data-original-src=/x.png", "/x.png"),
        ("data-id=1 src=/y.png", "/y.png"),
        ("data-src='' src=/y.png", "/y.png"),
    ],
)
def test_pictures_that_load_later_are_found(attributes: str, expected: str) -> None:
    assert shown(f"<img {attributes}>") == [("img", f"https://blog.example{expected}")]


def test_what_stands_around_stays() -> None:
    html = "<ul><li>a<iframe src=x></iframe></li></ul><p>b &amp; c<img data-src=/x.png><h2>d</h2>"
    assert clean(html, BASE).html == (
        "<ul><li>a</li></ul><p>b &amp; c"
        '<img src="https://blog.example/x.png" loading="lazy"></p><h2>d</h2>'
    )
