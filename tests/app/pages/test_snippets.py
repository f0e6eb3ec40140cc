"""What is pasted: addresses and markup that a page takes as they are."""

from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.pages.look import Look
from app.pages.snippets import snippets
from models.domain.course import Course

COURSE = Course("sample", 'Kurs „A" & <B>', ("sample",))
URL = "https://feed.example"


def element(html: str, selector: str) -> LexborNode:
    node = LexborHTMLParser(html).css_first(selector)
    assert node is not None
    return node


def test_nothing_chosen() -> None:
    made = snippets(URL, COURSE, Look())
    assert made.wordpress == "https://feed.example/sample"
    assert made.rss == "https://feed.example/sample/feed.rss"
    feed = element(made.html, "course-feed")
    assert feed.attributes == {"src": f"{URL}/api/v1/courses/sample", "lang": "de"}
    assert element(made.html, "script").attributes["src"] == f"{URL}/embed/v1/course-feed.js"
    link = element(made.html, "course-feed > a")
    assert (link.attributes["href"], link.text()) == (f"{URL}/sample", COURSE.title)
    frame = element(made.iframe, "iframe").attributes
    assert (frame["src"], frame["title"]) == (f"{URL}/embed/sample", COURSE.title)


def test_everything_chosen() -> None:
    given = {"week": "4", "layout": "grid", "sources": "b, a", "limit": "5", "lang": "en"}
    rest = {"theme": "dark", "live": "", "media": "none", "search": "on"}
    made = snippets(URL, COURSE, Look.model_validate(given | rest))
    query = "week=4&layout=grid&sources=a%2Cb&limit=5&lang=en&theme=dark&live=1&media=none&search=1"
    assert made.wordpress == f"{URL}/embed/sample?{query}"
    assert element(made.iframe, "iframe").attributes["src"] == made.wordpress
    assert made.rss == f"{URL}/sample/feed.rss?limit=5&source=a%2Cb&week=4"
    feed = element(made.html, "course-feed").attributes
    chosen = {"src": f"{URL}/api/v1/courses/sample", "lang": "en", "week": "4", "layout": "grid"}
    rest = {"sources": "a,b", "limit": "5", "theme": "dark", "media": "none"}
    assert feed == chosen | rest | dict.fromkeys(("live", "search"))


@pytest.mark.parametrize(("week", "path"), [("4", "/sample/weeks/4"), ("0", "/sample/weeks/0")])
def test_a_weeks_own_page_is_what_wordpress_is_given(week: str, path: str) -> None:
    assert snippets(URL, COURSE, Look(week=week)).wordpress == URL + path


def test_the_present_week_is_no_feeds_and_no_pages() -> None:
    made = snippets(URL, COURSE, Look(week="current"))
    assert made.wordpress == f"{URL}/embed/sample?week=current"
    assert made.rss == f"{URL}/sample/feed.rss"


def test_languages_we_do_not_speak() -> None:
    made = snippets(URL, replace(COURSE, language="fr"), Look())
    assert element(made.html, "course-feed").attributes["lang"] == "de"
