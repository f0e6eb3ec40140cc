"""The feed pattern by keyboard, and what axe-core says of it.

https://www.w3.org/WAI/ARIA/apg/patterns/feed/
"""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.embedding import Embedding, guest
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    """What has the focus, inside of shadow roots too."""
    text: str = page.evaluate(
        """() => {
            let node = document.activeElement;
            while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
            return node.textContent.trim();
        }"""
    )
    return text


def test_the_feed_and_its_articles_are_described(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=3"))
        feed = page.get_by_role("feed", name="Beiträge: Ein Musterkurs")
        expect(feed).to_have_attribute("aria-busy", "false")
        for place, article in enumerate(feed.get_by_role("article").all(), 1):
            expect(article).to_have_attribute("aria-posinset", str(place))
            expect(article).to_have_attribute("aria-setsize", "-1")
            expect(article).to_have_accessible_name(f"Beitrag {30 - place}")
            expect(article).to_have_accessible_description(f"Text {30 - place}.")
        moment = feed.locator("time").first
        expect(moment).to_have_attribute("datetime", "2026-11-03T10:29:00Z")


def test_it_is_busy_while_it_loads(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=3"))
        expect(visitor.articles()).to_have_count(3)
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/posts?*", hold)
        page.get_by_role("button", name="Mehr laden").click()
        feed = page.get_by_role("feed")
        expect(feed).to_have_attribute("aria-busy", "true")
        held[0].continue_()
        expect(feed).to_have_attribute("aria-busy", "false")
        expect(visitor.articles()).to_have_count(6)


def test_page_keys_go_from_article_to_article(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=3"))
        articles = visitor.articles()
        expect(articles).to_have_count(3)
        page.get_by_role("link", name="Davor").focus()
        page.keyboard.press("Tab")
        expect(articles.nth(0)).to_be_focused()
        page.keyboard.press("PageDown")
        expect(articles.nth(1)).to_be_focused()
        page.keyboard.press("Tab")
        expect(articles.nth(1).get_by_role("link").first).to_be_focused()
        page.keyboard.press("PageDown")
        expect(articles.nth(2)).to_be_focused()
        expect(articles.nth(2)).to_be_in_viewport()
        assert articles.nth(2).evaluate("node => getComputedStyle(node).outlineWidth") == "3px"
        page.keyboard.press("PageUp")
        expect(articles.nth(1)).to_be_focused()
        page.keyboard.press("PageDown")
        page.keyboard.press("PageDown")
        more = page.get_by_role("button", name="Mehr laden")
        expect(more).to_be_focused()
        page.keyboard.press("Enter")
        expect(articles.nth(3)).to_be_focused()


def test_control_home_and_end_leave_the_feed(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=3"))
        middle = visitor.articles().nth(1)
        middle.focus()
        page.keyboard.press("Control+Home")
        assert focused(page) == "Davor"
        middle.focus()
        page.keyboard.press("Control+End")
        assert focused(page) == "Mehr laden"
        page = visitor.open(embed.page("limit=100 search"))
        expect(visitor.articles()).to_have_count(37)
        middle.focus()
        page.keyboard.press("Control+End")
        assert focused(page) == "Danach"
        middle.focus()
        page.keyboard.press("Control+Home")
        assert focused(page) == "Videos"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("layout", ["list", "grid", "compact", "wall"])
def test_axe_finds_nothing(chromium: Browser, embed: Embedding, layout: str, dark: bool) -> None:
    with guest(chromium, dark=dark, still=True) as visitor:
        page = visitor.open(embed.page(f"layout={layout} search limit=100"))
        expect(visitor.articles().first).to_be_visible()
        expect(page.get_by_role("feed", name="Beiträge: Ein Musterkurs")).to_be_visible()
        assert violations(page) == []


def test_axe_finds_nothing_where_there_is_nothing(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium, width=360) as visitor:
        for address in (embed.page("week=2 search"), embed.page(slug="nobody")):
            page = visitor.open(address)
            expect(page.locator("course-feed .notice p").first).to_be_visible()
            assert violations(page) == []


def test_axe_looks_into_the_element(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("search limit=3"))
        expect(visitor.articles()).to_have_count(3)
        page.locator("course-feed label").evaluate("node => node.remove()")
        assert violations(page)
