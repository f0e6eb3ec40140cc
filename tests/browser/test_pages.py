"""Pages in a real browser: they load, fit, and ask nobody else."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import Place, visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_pages_fit_any_screen(chromium: Browser, place: Place, width: int) -> None:
    with visit(chromium, place, width=width) as visitor:
        for path in place.pages():
            page = visitor.open(path)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path
        for path, status in place.refusals():
            page = visitor.open(path, status)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pictures_are_links_and_their_hosts_learn_nothing(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?q=Sieh&ui=de")
        link = page.get_by_role("link", name="Bild: Ein Hund")
        expect(link).to_have_attribute("href", f"{place.pictures.origin}/one.png")
        expect(page.locator(".media")).to_have_count(0)  # said once
        assert page.locator("article img").count() == 0
    assert place.pictures.requests == []


def test_the_policy_stops_what_the_sanitiser_might_miss(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo")
        blocked = page.evaluate(
            """url => new Promise(resolve => {
                addEventListener("securitypolicyviolation", event => resolve(event.blockedURI));
                document.body.append(Object.assign(new Image(), {src: url}));
            })""",
            f"{place.pictures.origin}/tracker.gif",
        )
        assert blocked.startswith(place.pictures.origin)
        visitor.complaints.clear()  # the browser says what it has blocked
        visitor.strangers.clear()
    assert place.pictures.requests == []


def test_right_to_left_posts_run_that_way(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?q=%D9%86%D8%B5")
        title = page.locator("article .title")
        assert title.evaluate("node => getComputedStyle(node).direction") == "rtl"
        assert page.locator("html").evaluate("node => getComputedStyle(node).direction") == "ltr"


def test_a_content_warning_stays_closed_until_it_is_opened(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo")
        summary = page.locator(".warned > summary").first
        while not summary.is_visible():
            page.get_by_role("link", name="Mehr laden").click()
        content = page.locator(".warned .content").first
        expect(content).to_be_hidden()
        summary.press("Enter")
        expect(content).to_be_visible()


def test_a_long_post_opens_in_place(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?kind=blog")
        post = page.locator("article", has=page.locator(".whole")).first
        post.locator("summary").click()
        expect(post.locator(".content")).to_be_visible()
        expect(post.locator(".excerpt")).to_be_hidden()  # else it would be read twice


def test_paper_shows_what_is_to_be_read(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo")
        page.emulate_media(media="print")
        for selector in (".search", ".more", ".weeks", ".ui"):
            expect(page.locator(selector)).to_be_hidden()
        expect(page.locator(".question")).to_be_visible()
        expect(page.locator("article").first).to_be_visible()
        page = visitor.open("/demo?kind=blog&limit=100")
        long = page.locator("article", has=page.locator(".whole")).first
        expect(long.locator(".content")).to_be_visible()  # paper cannot be opened
        expect(long.locator(".excerpt")).to_be_hidden()
