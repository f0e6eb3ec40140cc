"""The pages beneath a course: filters, people, links, threads; zoomed, turned round, on paper."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visits import Place, visit
from tests.system.service import get_json

pytestmark = pytest.mark.browser


def test_filters_are_taken_away_one_by_one_without_script(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo/people")
        person = page.locator(".people li", has_text="5 Beiträge").first
        name = person.get_by_role("link").inner_text()
        person.get_by_role("link").click()
        chips = page.get_by_role("list", name="Nur")
        expect(chips.get_by_role("link")).to_have_text([f"{name} × weglassen"])
        expect(page.locator(".heading")).to_contain_text("5 Beiträge")
        assert set(page.locator("article .author").all_inner_texts()) == {name}
        page.get_by_label("Art").select_option("video")
        page.get_by_role("button", name="Suchen").click()
        expect(page.get_by_text("Dazu passt kein Beitrag.")).to_be_visible()
        chips.get_by_role("link", name="Videos").click()
        expect(page.locator("article")).to_have_count(5)
        chips.get_by_role("link", name=name).click()
        expect(page.locator("article")).to_have_count(20)


def test_from_the_links_to_who_shared_them(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo/links")
        shared = page.locator(".shared li").first
        sharer = shared.locator(".meta a").first
        name = sharer.inner_text()
        sharer.click()
        assert page.url.startswith(f"{place.base}/demo/posts/")
        expect(page.locator("article").first).to_contain_text(name)


def test_threads_are_indented(chromium: Browser, place: Place) -> None:
    threaded = next(
        post["id"]
        for post in get_json(f"{place.base}/api/v1/courses/demo/posts?order=discussed&limit=50")[
            "items"
        ]
        if any(
            answer["responses"]
            for answer in get_json(
                f"{place.base}/api/v1/courses/demo/posts/{post['id']}/responses"
            )["items"]
        )
    )
    with visit(chromium, place, width=360) as visitor:
        page = visitor.open(f"/demo/posts/{threaded}")
        outer = page.locator(".thread > li > article").first.bounding_box()
        inner = page.locator(".thread .thread > li > article").first.bounding_box()
        assert outer is not None
        assert inner is not None
        assert inner["x"] > outer["x"]
        assert inner["width"] > 250


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_at_four_times_the_size(chromium: Browser, place: Place, direction: str) -> None:
    """A window of 1280 by 1024 pixels, zoomed to 400 % (WCAG 1.4.10), in either direction."""
    with visit(chromium, place, width=320, height=256, scale=4) as visitor:
        for path in place.pages():
            page = visitor.open(path)
            page.evaluate("to => { document.documentElement.dir = to }", direction)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
            cut = page.evaluate(
                """() => [...document.querySelectorAll("a, button, h1, h2, h3, input, select")]
                    .filter(one => !one.closest(".hidden, .skip, details:not([open]), .weeks"))
                    .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
                    .filter(([, at]) => at.width && (at.left < -1 || at.right > innerWidth + 1))
                    .map(([said]) => said)"""
            )
            assert cut == [], path


def test_links_and_people_on_paper(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        for path, selector in (("/demo/links", ".shared li"), ("/demo/people", ".people li")):
            page = visitor.open(path)
            page.emulate_media(media="print")
            for hidden in (".places", ".ui", ".foot"):
                expect(page.locator(hidden)).to_be_hidden()
            expect(page.locator(selector).first).to_be_visible()
            expect(page.locator(selector).first).to_have_css("break-inside", "avoid")
