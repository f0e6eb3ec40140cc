"""What is called safe, in the browser that readers use."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from models.domain.html import clean
from tests.models.domain.html.inspecting import lines

pytestmark = pytest.mark.browser

PAYLOADS = lines("hostile.txt")
COUNTING = "<!DOCTYPE html><script>hits = 0; function ran() { hits += 1 }</script>"
SETTLED = """async () => {
    for (const image of document.images) image.loading = "eager";
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    for (const element of document.querySelectorAll("*"))
        for (const name of ["mouseover", "focusin", "toggle", "pointerenter"])
            element.dispatchEvent(new Event(name));
    return hits;
}"""
PROTOCOLS = "() => [...new Set([...document.links].map((link) => link.protocol))].sort()"
READ = """(markup) => {
    const place = document.implementation.createHTMLDocument("").body;
    place.innerHTML = markup;
    return place.innerHTML.replace(/="[^"]*"/g, (value) =>
        value.replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
}"""
"""Markup as it is read; attributes escaped as the HTML standard has it since 2025."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_page()
        page.route("**/*", lambda route: route.abort())
        yield page
        browser.close()


def ran(page: Page, markup: str) -> int:
    page.set_content(COUNTING + markup)
    return int(page.evaluate(SETTLED))


def test_the_count_counts(page: Page) -> None:
    assert ran(page, "<script>ran()</script>") == 1
    assert ran(page, "<img src=x onerror=ran()>") == 1
    assert ran(page, '<a href="JAVA&Tab;script:ran()" onmouseover="ran()">x</a>') == 1
    assert page.evaluate(PROTOCOLS) == ["javascript:"]


@pytest.mark.parametrize("base", [None, "https://blog.example/post"])
def test_nothing_runs(page: Page, base: str | None) -> None:
    frames = ("{}", "<p>vor {} nach</p>", "<table><tr>{}", "<svg>{}", "<b title='{}'>x", "{}<b>")
    cleaned = [clean(frame.format(line), base).html for line in PAYLOADS for frame in frames]
    assert ran(page, "".join(f"<div>{html}</div>" for html in cleaned)) == 0
    assert page.evaluate(PROTOCOLS) == ["https:"]


def test_it_is_read_as_it_was_meant(page: Page) -> None:
    for payload in PAYLOADS:
        html = clean(payload, None).html
        assert page.evaluate(READ, html) == html
