"""Ten thousand posts in one list, a hundred at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.embedding import guest
from tests.sites import Page, rss, site
from tests.system.service import Installation, serving

pytestmark = pytest.mark.browser

POSTS = 10_000
COURSE = """
[course]
slug = "viel"
title = "Ein Kurs mit viel"
hashtags = ["viel"]
language = "de"
[[sources]]
kind = "feed"
url = "{url}"
match = "all"
"""
ELEMENT = """<!doctype html><html lang="de"><meta charset="utf-8"><title>Eine Startseite</title>
<script type="module" src="{base}/embed/v1/course-feed.js"></script>
<course-feed src="{base}/viel" limit="100"></course-feed>"""
MORE = """async clicks => {
    const root = document.querySelector("course-feed").shadowRoot;
    const [feed, more] = [root.querySelector(".feed"), root.querySelector(".more")];
    for (; clicks && !more.hidden; clicks -= 1) {
        const before = feed.children.length;
        more.click();
        while (feed.children.length === before) await new Promise(requestAnimationFrame);
    }
    return feed.children.length;
}"""


def item(number: int) -> str:
    day, rest = divmod(number, 1440)
    return (
        f"<item><title>Beitrag {number}</title><link>https://viel.example/{number}</link>"
        f"<guid>https://viel.example/{number}</guid><pubDate>{3 + day} Nov 2026 "
        f"{rest // 60:02}:{rest % 60:02}:00 GMT</pubDate>"
        f"<description>Text {number}</description></item>"
    )


@pytest.fixture(scope="module")
def homepage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address."""
    folder: Path = tmp_path_factory.mktemp("many")
    with site() as made:
        made.pages["/feed"] = Page(rss(*map(item, reversed(range(POSTS)))))
        installation = Installation(folder, {"MOOCFEED_FETCH_ALLOW": made.netloc})
        (folder / "viel.toml").write_text(COURSE.format(url=f"{made.origin}/feed"), "utf-8")
        installation.run("course", "apply", "viel.toml")
        installation.run("collect", "--once")
        with serving(installation, "--no-collect") as (base, _):
            made.pages["/"] = Page(ELEMENT.format(base=base).encode(), "text/html")
            yield f"{made.origin}/"


def test_every_post_is_reached_and_stands_once(chromium: Browser, homepage: str) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(homepage)
        expect(visitor.articles()).to_have_count(100)
        assert page.evaluate(MORE, 98) == POSTS - 100
        feed = page.locator("course-feed .feed")
        assert feed.get_attribute("aria-busy") == "false"
        more = page.get_by_role("button", name="Mehr laden")
        more.press("Enter")
        expect(more).to_be_hidden()
        expect(page.locator("course-feed article:focus h3")).to_have_text("Beitrag 99")
        shown = page.evaluate(
            """() => [...document.querySelector("course-feed").shadowRoot.querySelectorAll("h3")]
                .map(title => title.textContent)"""
        )
        assert shown == [f"Beitrag {number}" for number in reversed(range(POSTS))]
        page.keyboard.press("PageDown")
        expect(page.locator("course-feed article:focus h3")).to_have_text("Beitrag 98")
