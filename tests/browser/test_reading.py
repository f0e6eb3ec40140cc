"""A visitor's way through the course, without a line of script, and by keyboard alone."""

from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visits import Place, visit
from tests.system.service import all_posts

pytestmark = pytest.mark.browser


def shown(page: Page) -> list[str]:
    """The posts on the page, by the addresses of their own pages."""
    links = page.locator("article .when").all()
    return [(link.get_attribute("href") or "").split("?")[0].rsplit("/", 1)[1] for link in links]


def test_load_more_reaches_every_post_without_script(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo?kind=blog&limit=40")
        seen = shown(page)
        for _ in count():
            more = page.get_by_role("link", name="Mehr laden")
            if not more.count():
                break
            more.click()
            expect(page.get_by_role("link", name="Zurück zum Anfang")).to_be_visible()
            seen += shown(page)
        posts = all_posts(place.base, "demo")
        assert seen == [post["id"] for post in posts if post["kind"] == "blog"]


def test_search_without_script(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo")
        page.get_by_label("Beiträge durchsuchen").fill("wiki")
        page.get_by_label("Art").select_option("blog")
        page.get_by_role("button", name="Suchen").click()
        expect(page.get_by_role("heading", name="Gefunden zu „wiki“")).to_be_visible()
        found = shown(page)
        assert found
        assert page.locator("article.blog").count() == len(found)
        page.get_by_label("Beiträge durchsuchen").fill("nirgendwo")
        page.get_by_label("Beiträge durchsuchen").press("Enter")
        expect(page.get_by_text("Dazu passt kein Beitrag.")).to_be_visible()
        page.get_by_role("link", name="Alle Beiträge zeigen").click()
        assert len(shown(page)) == 20


def test_weeks_posts_and_back(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo")
        weeks = page.get_by_role("navigation", name="Wochen")
        weeks.get_by_role("link", name="Woche 2").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Wissen teilen, ohne zu ertrinken"
        )
        expect(weeks.locator("[aria-current=page]")).to_contain_text("2")
        page.locator(".answers").first.click()
        assert "/demo/posts/" in page.url
        expect(page.get_by_role("heading", name="Antwort")).to_be_visible()
        page.get_by_role("link", name="Alle Beiträge").click()
        assert page.url == f"{place.base}/demo"


def test_the_language_is_kept(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo?limit=5")
        page.get_by_role("link", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("link", name="Load more").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_label("Search the posts").fill("wiki")
        page.get_by_role("button", name="Search").click()
        expect(page.get_by_role("heading", name="Found for “wiki”")).to_be_visible()
        page.get_by_role("link", name="Deutsch").click()
        expect(page.get_by_role("heading", name="Gefunden zu „wiki“")).to_be_visible()


def test_a_browsers_own_language(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, language="en-GB") as visitor:
        page = visitor.open("/demo")
        expect(page.get_by_role("link", name="Load more")).to_be_visible()
        assert page.locator("article .content[lang=de]").count()


def test_by_keyboard_alone(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Zum Inhalt springen")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        field = page.get_by_label("Beiträge durchsuchen")
        expect(field).to_be_focused()
        outline = field.evaluate("node => getComputedStyle(node).outlineWidth")
        assert outline == "3px"
        page.keyboard.type("wiki")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Gefunden zu „wiki“")).to_be_in_viewport()
        assert shown(page)
