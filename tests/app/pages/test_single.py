"""A post's own page: threads, where it was seen, and what other sites show of its address."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from app.pages import previewing
from app.pages.translations import translations
from app.wiring import Services
from models.domain.post import Media
from tests.app.conftest import entry, merge, publish
from tests.app.pages.reading import attribute, meta, parsed, text, texts
from tests.app.syndication.samples import a_status

WORDS = translations("de")


def own_page(client: TestClient, query: str) -> str:
    """The address of the first post of this list."""
    href = attribute(parsed(client, f"/sample?{query}"), ".when", "href")
    assert href is not None
    return href


def test_threads(client: TestClient, services: Services) -> None:
    link = "&lt;a href='https://ben.example/1'>Ben&lt;/a>"
    at = datetime.now(UTC) - timedelta(minutes=5)
    publish(services, "https://ada.example/feed", entry("ada.example", 40, at, link, title="Doch"))
    discussed = parsed(client, "/sample?order=discussed")
    assert texts(discussed, "article .title")[:2] == ["Post 1", "Post 1"]  # Ben's, then Ada's
    tree = parsed(client, discussed.css("article .when")[1].attributes["href"] or "")
    assert text(tree, "main h1") == "Post 1"
    assert texts(tree, ".thread > li > article .title") == ["Post 1", "Doch"]
    assert text(tree, ".thread .thread .title") == "Doch"
    assert [node.tag for node in tree.css(".thread .title")] == ["h3", "h4"]
    assert not tree.css(".thread .answers")  # they stand right beneath


def test_where_it_was_seen(client: TestClient, services: Services) -> None:
    kept, _ = merge(services)
    tree = parsed(client, f"/sample/posts/{kept}")
    assert len(tree.css("#seen ~ ul li")) == 3  # two entries of one feed, one of another
    assert "seit" in text(tree, "#seen ~ ul li")
    hrefs = {link.attributes["href"] for link in tree.css("#seen ~ ul a")}
    assert hrefs == {"https://ada.example/3", "https://ada.example/4"}


def test_what_other_sites_show_of_it(client: TestClient) -> None:
    path = own_page(client, "q=werkzeug")
    tree = parsed(client, path)
    assert meta(tree, "og:title") == "Post 24"
    assert meta(tree, "og:description") == "Viele Häuser, ein Werkzeug"
    assert meta(tree, "og:type") == "article"
    assert meta(tree, "og:url") == f"http://testserver{path}"
    assert meta(tree, "og:locale") == "de_DE"
    assert meta(tree, "author") == "Ada (Muster)"
    assert meta(tree, "twitter:card") == "summary"
    assert meta(tree, "og:image") is None
    assert attribute(tree, "link[rel=canonical]", "href") == "https://ada.example/24"
    assert attribute(tree, "link[hreflang=en]", "href") == f"{path}?ui=en"


def test_lists_and_weeks_too(client: TestClient) -> None:
    week = parsed(client, "/sample/weeks/1")
    assert meta(week, "og:title") == "Woche 1: Anfang · Ein Beispielkurs"
    assert meta(week, "og:description") == meta(week, "description") == "Womit fangen wir an?"
    assert meta(week, "og:url") == "http://testserver/sample/weeks/1"
    assert meta(parsed(client, "/sample", "en"), "og:locale") == "en_GB"
    links = parsed(client, "/sample/links")
    assert attribute(links, "link[rel=canonical]", "href") == "http://testserver/sample/links"


def test_a_picture_is_ours_and_what_is_to_stay_closed_stays_so() -> None:
    shown = replace(
        a_status(), media=(Media("https://social.example/a.png", "image", "Ein Hund", 8, 8),)
    )
    card = previewing.of_post(shown, "https://feed.example", WORDS)
    assert card.image is not None
    assert card.image.startswith(f"https://feed.example/media/{shown.course}/{shown.id}/")
    assert card.image_alt == "Ein Hund"
    closed = replace(shown, sensitive=True, content_warning="Spinnen")
    card = previewing.of_post(closed, "https://feed.example", WORDS)
    assert (card.image, card.description) == (None, "Spinnen")
    unnamed = previewing.of_post(replace(shown, sensitive=True), "", WORDS)
    assert (unnamed.image, unnamed.description) == (None, None)


def test_long_texts_are_cut_between_words() -> None:
    assert previewing.shortened("kurz") == "kurz"
    assert previewing.shortened("") is None
    cut = previewing.shortened("wort " * 99)
    assert cut is not None
    assert cut.endswith("wort …")
    assert len(cut) <= previewing.CHARACTERS + 2
