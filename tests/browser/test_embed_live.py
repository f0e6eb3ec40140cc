"""New, changed and withdrawn posts on an open page: told, in place, and nothing moves."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.embedding import Embedding, Guest, embedding, guest, plain
from tests.system.service import get_json
from tests.waiting import wait_for

pytestmark = pytest.mark.browser
NEWS = "course-feed .fresh"


@pytest.fixture(scope="module")
def embed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedding]:
    """One of its own: here it changes."""
    with embedding(tmp_path_factory.mktemp("live")) as made:
        yield made


def deaf(page: Page) -> None:
    """As behind a proxy that lets no stream through."""
    page.route("**/events", lambda route: route.fulfill(status=404, body=""))


def open_live(visitor: Guest, embed: Embedding, attributes: str = "") -> Page:
    """With a clock that the test turns."""
    page = visitor.page
    page.clock.install()
    deaf(page)
    visitor.open(embed.page(f"live limit=100 {attributes}"))
    expect(visitor.articles().first).to_be_visible()
    return page


def published(embed: Embedding, *numbers: int, words: str = "Text") -> None:
    """New or changed entries; returns when the API shows them."""
    posts = f"{embed.base}/api/v1/courses/muster/posts?limit=1"
    before = get_json(posts)["revision"]
    embed.entries.update({number: plain(number, words) for number in numbers})
    embed.publish()
    wait_for(lambda: get_json(posts)["revision"] >= before + len(numbers))


def top(page: Page, text: str) -> float:
    """Where a post stands on the screen."""
    card = page.locator("course-feed article", has_text=text).first
    place: float = card.evaluate("node => node.getBoundingClientRect().top")
    return place


def test_new_posts_are_told_and_move_nothing(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = open_live(visitor, embed)
        count = visitor.articles().count()
        card = page.locator("course-feed article", has_text="Text 10.")
        card.evaluate("node => scrollTo(0, node.getBoundingClientRect().top + scrollY - 200)")
        place = top(page, "Text 10.")
        published(embed, 31, 32, 33)
        page.clock.run_for(70_000)
        news = page.get_by_role("button", name="3 neue Beiträge")
        expect(news).to_be_in_viewport()
        expect(page.get_by_role("status")).to_have_text("3 neue Beiträge")
        assert top(page, "Text 10.") == place
        expect(visitor.articles()).to_have_count(count)
        news.press("Enter")
        expect(visitor.articles()).to_have_count(count + 3)
        first = visitor.articles().first
        expect(first).to_contain_text("Beitrag 33")
        expect(first).to_be_focused()
        expect(first).to_be_in_viewport()
        expect(first).to_have_attribute("aria-posinset", "1")
        expect(page.locator(NEWS)).to_be_hidden()


def test_a_change_is_made_in_place(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = open_live(visitor, embed)
        page.locator("course-feed article", has_text="Text 5.").evaluate(
            "node => scrollTo(0, node.getBoundingClientRect().top + scrollY - 200)"
        )
        place = top(page, "Text 5.")
        scrolled = page.evaluate("scrollY")
        published(embed, 20, words="Ganz anders, und viel länger. " * 20)
        page.clock.run_for(70_000)
        expect(page.locator("course-feed article", has_text="Ganz anders")).to_have_count(1)
        wait_for(lambda: page.evaluate("scrollY") > scrolled)  # the browser holds its anchor
        assert abs(top(page, "Text 5.") - place) < 1
        expect(page.locator(NEWS)).to_be_hidden()


def test_what_was_withdrawn_goes(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = open_live(visitor, embed)
        posts = f"{embed.base}/api/v1/courses/muster/posts?limit=1"
        listed = embed.installation.run_json("source", "list")
        source = next(one for one in listed if one["url"].endswith("/hostile"))
        count, revision = visitor.articles().count(), get_json(posts)["revision"]
        card = page.locator("course-feed article", has_text="Verlinkt")
        card.scroll_into_view_if_needed()
        card.focus()
        embed.installation.run("source", "remove", source["id"])
        wait_for(lambda: get_json(posts)["revision"] > revision)
        page.clock.run_for(70_000)
        gone = page.locator("course-feed article", has_text="Dieser Beitrag wurde")
        expect(gone.first).to_be_visible()
        expect(card).to_have_count(0)
        expect(gone.first).to_be_focused()
        assert visitor.articles().count() <= count


def stream(events: list[dict[str, Any]]) -> Callable[[Route], None]:
    """A stream that says this, and then waits."""
    text = "retry: 86400000\n\n" + "".join(
        f"event: {one['change']}\nid: {one['revision']}\ndata: {json.dumps(one)}\n\n"
        for one in events
    )
    return lambda route: route.fulfill(
        status=200,
        body=text,
        content_type="text/event-stream",
        headers={"Access-Control-Allow-Origin": "*"},
    )


def test_a_stream_is_heard_while_the_page_is_seen(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.page
        posts = get_json(f"{embed.base}/api/v1/courses/muster/posts?limit=1")
        told = {"change": "change", "revision": posts["revision"] + 1, "id": "x", "post": None}
        page.route("**/events", stream([told]))
        with page.expect_request("**/changes?*"):  # when it opens
            visitor.open(embed.page("live"))
        with page.expect_request("**/changes?*"):  # when it has told something
            expect(visitor.articles().first).to_be_visible()
        page.evaluate(
            """() => {
                Object.defineProperty(document, "hidden", {get: () => true});
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        element = page.locator("course-feed")
        assert element.evaluate("node => node.stream") is None


def test_the_services_own_stream(chromium: Browser, embed: Embedding) -> None:
    """Long before the first poll."""
    with guest(chromium) as visitor:
        page = visitor.page
        with page.expect_response("**/events"):
            visitor.open(embed.page("live"))
        expect(visitor.articles().first).to_be_visible()
        published(embed, 40)
        expect(page.get_by_role("button", name="1 neuer Beitrag")).to_be_visible(timeout=20_000)
        published(embed, 40, words="Verbessert")
        page.get_by_role("button", name="1 neuer Beitrag").click()
        expect(visitor.articles().first).to_contain_text("Verbessert 40.")


def test_many_elements_of_a_page_hear_one_stream(chromium: Browser, embed: Embedding) -> None:
    """A browser has six connections for a host: with a stream each, the seventh would starve."""
    element = f'<course-feed src="{embed.base}/muster" live limit="3"></course-feed>'
    with guest(chromium) as visitor:
        page = visitor.open(embed.written(element * 8))
        expect(visitor.articles()).to_have_count(24)
        published(embed, 41)
        news = page.get_by_role("button", name="1 neuer Beitrag")
        expect(news).to_have_count(8, timeout=20_000)
        asked = [url for url in visitor.requests if url.endswith("/events")]
        assert len(asked) == 1
        page.locator("course-feed").first.evaluate("node => node.remove()")
        published(embed, 42)
        expect(page.get_by_role("button", name="2 neue Beiträge")).to_have_count(7, timeout=20_000)
        left = "nodes => nodes.map(node => (node.remove(), node)).map(node => node.stream)"
        assert page.locator("course-feed").evaluate_all(left) == [None] * 7


def test_without_live_nothing_more_is_asked(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.page
        page.clock.install()
        visitor.open(embed.page())
        expect(visitor.articles().first).to_be_visible()
        page.wait_for_load_state("networkidle")
        before = list(visitor.requests)
        page.clock.run_for(600_000)
        page.wait_for_load_state("networkidle")
        assert visitor.requests == before
