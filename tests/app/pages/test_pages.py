"""The public pages: what they say, and what they never do."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from babel.messages.pofile import read_po
from selectolax.lexbor import LexborHTMLParser
from starlette.testclient import TestClient

from app.pages import content
from app.pages.translations import LOCALES, translations
from app.wiring import Services
from tests.app.conftest import entry, publish


def parsed(client: TestClient, path: str, language: str = "de") -> LexborHTMLParser:
    answer = client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def text(tree: LexborHTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    assert node is not None, selector
    return re.sub(r"\s+", " ", node.text()).strip()


def attribute(tree: LexborHTMLParser, selector: str, name: str) -> str | None:
    node = tree.css_first(selector)
    assert node is not None, selector
    return node.attributes[name]


def test_the_course_page(client: TestClient) -> None:
    tree = parsed(client, "/sample")
    assert text(tree, "title") == "Ein Beispielkurs"
    assert "Werkzeuge" in text(tree, "h1")
    assert text(tree, ".question") == "Welches Werkzeug hilft?"
    assert len(tree.css("article")) == 20
    assert attribute(tree, "html", "lang") == "de"
    assert text(tree, ".more a") == "Mehr laden"
    assert attribute(tree, ".weeks a", "href") == "/sample/weeks/1"


def test_english(client: TestClient) -> None:
    tree = parsed(client, "/sample", "en-GB,en;q=0.9,de;q=0.5")
    assert text(tree, ".more a") == "Load more"
    assert text(parsed(client, "/sample?ui=de", "en"), ".more a") == "Mehr laden"
    assert text(parsed(client, "/sample", "fr"), ".more a") == "Mehr laden"


def test_load_more_reaches_every_post_once(client: TestClient) -> None:
    for path in ("/sample?limit=4", "/sample?limit=4&order=oldest&ui=en"):
        seen: list[str] = []
        following: str | None = path
        while following:
            tree = parsed(client, following)
            seen += [node.attributes["href"] or "" for node in tree.css("article h3 a")]
            more = tree.css_first(".more a")
            following = more.attributes["href"] if more else None
        assert len(seen) == len(set(seen)) == 25


def test_a_week(client: TestClient) -> None:
    tree = parsed(client, "/sample/weeks/1?limit=1")
    assert "Anfang" in text(tree, "h1")
    assert attribute(tree, ".weeks a[aria-current=page]", "href") == "/sample/weeks/1"
    assert "Zum Einlesen" in text(tree, ".now")
    more = attribute(tree, ".more a", "href")
    assert more is not None
    assert more.startswith("/sample/weeks/1?")
    assert parsed(client, more).css("article")
    for path in ("/sample/weeks/3", "/sample/weeks/x", "/sample/weeks/99999999999"):
        assert client.get(path).status_code == 404


def test_search(client: TestClient) -> None:
    tree = parsed(client, "/sample?q=hauser")
    assert len(tree.css("article")) == 1
    assert attribute(tree, "#q", "value") == "hauser"
    nothing = parsed(client, "/sample?q=nirgends")
    assert "Dazu passt kein Beitrag" in text(nothing, ".empty")
    assert len(parsed(client, "/sample?q=").css("article")) == 20


def test_refusals_are_pages(client: TestClient) -> None:
    for path, status in (
        ("/nobody", 404),
        ("/sample/weeks/7", 404),
        ("/sample?foo=1", 422),
        ("/sample?limit=0", 422),
        ("/sample?cursor=x", 422),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert "nobody" not in answer.text


def test_nothing_is_asked_of_third_parties(client: TestClient, services: Services) -> None:
    at = datetime.now(UTC) - timedelta(minutes=1)
    hostile = (
        "<p onclick='x()'>Hallo<img src='https://track.example/a.gif' alt='Zählpixel'>"
        "<script>alert(1)</script><style>*{display:none}</style><iframe src='https://e.example'>"
        "</iframe><a href='javascript:x()'>x</a><svg onload=x()></svg></p>"
    )
    escaped = hostile.replace("&", "&amp;").replace("<", "&lt;")
    title = "&lt;script&gt;alert(2)&lt;/script&gt;"
    publish(
        services,
        "https://ben.example/feed",
        entry("ben.example", 3, at, escaped, title=title, author="&lt;b&gt;Ben"),
    )
    answer = client.get("/sample", headers={"Cookie": "past=the cache"})
    tree = LexborHTMLParser(answer.text)
    for tag in ("script", "iframe", "svg", "main style", "main img", "object", "embed"):
        assert not tree.css(tag), tag
    for node in tree.css("*"):
        assert not [name for name in node.attributes if name.startswith("on")]
        for name in ("src", "srcset", "style", "action"):
            value = node.attributes.get(name) or "/"
            assert value.startswith("/"), (node.tag, name, value)
        if node.tag == "link" and node.attributes.get("rel") == "stylesheet":
            assert (node.attributes["href"] or "").startswith("/static/")
        assert not (node.attributes.get("href") or "").startswith("javascript:")
    assert "Bild: Zählpixel" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers


def test_the_style_sheet_may_be_kept_for_ever(client: TestClient) -> None:
    href = attribute(parsed(client, "/sample"), "link[rel=stylesheet]", "href")
    assert href is not None
    answer = client.get(href)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/site.other.css").status_code == 404
    assert "Disallow: /api/" in client.get("/robots.txt").text


def test_all_courses(client: TestClient) -> None:
    tree = parsed(client, "/")
    assert attribute(tree, ".courses a", "href") == "/sample"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_word_is_translated(language: str) -> None:
    templates = (LOCALES.parent / "templates").glob("*.html")
    words = {
        word
        for template in templates
        for word in re.findall(
            r"(?<![a-z])n?_?gettext\(\"([^\"]+)\"|\b_\(\"([^\"]+)\"", template.read_text()
        )
        for word in word
        if word
    }
    assert len(words) > 25
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalog = read_po(file)
    known = {
        name
        for message in catalog
        for name in message_ids(message.id)
        if message.string and all(message.string)
    }
    assert not words - known
    assert translations(language).gettext("Load more") in {"Mehr laden", "Load more"}


def message_ids(found: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else tuple(found)


def test_content_for_our_pages() -> None:
    shown = content.shown("<h2>Oben</h2><p><a href='https://a.example'>A</a></p>", "Bild")
    assert "<h4 class=in-post>Oben</h4>" in shown
    assert 'rel="noopener noreferrer nofollow ugc"' in shown
    linked = content.shown(
        "<a href='https://a.example'><img src='https://b.example/x' alt='X'></a>", "Bild"
    )
    assert "<img" not in linked
    assert "Bild: X" in linked
