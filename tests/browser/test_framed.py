"""The page in frames of other sites: WordPress's sandbox, its messages, and none of all that."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from app.pages.snippets import SANDBOX
from tests.browser.test_accessibility import violations
from tests.browser.visits import Place, Visit, visit
from tests.sites import Page as Served
from tests.sites import Site, site
from tests.system.service import get_json

pytestmark = pytest.mark.browser

SECRET = "a1B2c3D4e5"
LISTENING = """
<script>
window.heard = [];
addEventListener("message", ({ source, data }) => {
  const frame = document.querySelector("iframe");
  if (source !== frame.contentWindow) return;
  heard.push(data);
  if (!data.secret || data.secret !== frame.dataset.secret) return;
  frame.removeAttribute("style");
  document.querySelector("blockquote").hidden = true;
  if (data.message === "height") frame.height = Math.min(1000, Math.max(200, parseInt(data.value)));
  if (data.message !== "link" || new URL(data.value).host !== new URL(frame.src).host) return;
  if (document.activeElement === frame) top.location.href = data.value;
});
addEventListener("DOMContentLoaded", () => {
  const frame = document.querySelector("iframe");
  frame.contentWindow.postMessage({ message: "ready", secret: frame.dataset.secret }, "*");
});
</script>"""
"""What WordPress's page does with messages of a frame, in words of our own."""


def wordpress(source: str) -> str:
    """A page of it, as it makes it of our oEmbed."""
    return f"""<!doctype html><html lang="de"><title>Ein Blog</title><h1>Ein Blog</h1>{LISTENING}
<blockquote data-secret="{SECRET}"><a href="{source}">Der Kurs</a></blockquote>
<iframe src="{source}#?secret={SECRET}" data-secret="{SECRET}" sandbox="allow-scripts"
 security="restricted" style="position: absolute; visibility: hidden" title="Der Kurs" width="600"
 height="600"></iframe>"""


def plain(source: str) -> str:
    """A page of anything else, with what is copied as "iframe"."""
    return f"""<!doctype html><html lang="de"><title>Ein Blog</title><h1>Ein Blog</h1>{LISTENING}
<iframe src="{source}" sandbox="{SANDBOX}" title="Der Kurs" width="100%" height="600"></iframe>"""


@contextmanager
def framed(
    visitor: Visit, place: Place, page: str, *, status: int = 200
) -> Iterator[tuple[Page, Frame, Site]]:
    """The homepage with our frame in it, on a host of its own."""
    with site({"/": Served(page.encode(), "text/html; charset=utf-8")}, "127.0.0.2") as homepage:
        answer = visitor.page.goto(f"{homepage.origin}/")
        assert answer is not None
        assert answer.status == status
        frame = visitor.page.query_selector("iframe")
        assert frame is not None
        inside = frame.content_frame()
        assert inside is not None
        inside.wait_for_load_state()
        yield visitor.page, inside, homepage
        visitor.strangers[:] = [
            one for one in visitor.strangers if not one.startswith(homepage.origin)
        ]


def heights(page: Page) -> list[int]:
    found = json.loads(page.evaluate("JSON.stringify(heard)"))
    return [one["value"] for one in found if one.get("message") == "height"]


def a_post(place: Place, query: str) -> tuple[str, str]:
    """The id and the address of the first of a list."""
    post = get_json(f"{place.base}/api/v1/courses/demo/posts?limit=1&{query}")["items"][0]
    return post["id"], post["url"]


def test_wordpress_shows_the_frame_as_high_as_it_is(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?limit=1&layout=compact"
        with framed(visitor, place, wordpress(source)) as (page, inside, _):
            frame = page.locator("iframe")
            expect(frame).to_be_visible()
            expect(page.locator("blockquote")).to_be_hidden()
            expect(frame).to_have_attribute("height", re.compile(r"^2\d\d$"))
            assert inside.evaluate("origin") == "null"
            assert inside.evaluate("document.fonts.size") == 0
            colour = inside.evaluate("getComputedStyle(document.body).paddingTop")
            assert colour == "12px"  # the style sheet is ours, and was let in
        with framed(visitor, place, wordpress(f"{place.base}/embed/demo")) as (page, _, _):
            expect(page.locator("iframe")).to_have_attribute("height", "1000")
            assert heights(page)[-1] > 1000


def test_the_height_follows(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?limit=2&layout=compact"
        with framed(visitor, place, plain(source)) as (page, inside, _):
            page.wait_for_function("heard.length")
            before = page.evaluate("heard.at(-1)")
            assert before["type"] == "moocfeed:height"
            inside.get_by_role("link", name="Mehr laden").click()
            expect(inside.locator("article")).to_have_count(4)
            page.wait_for_function(f"heard.at(-1).height > {before['height']}")
            assert heights(page) == []  # nobody gave a secret
            inside.evaluate("document.querySelector('main').remove()")
            page.wait_for_function(f"heard.at(-1).height < {before['height']}")


@pytest.mark.parametrize("page_of", [wordpress, plain])
def test_a_picture_comes_with_a_click(
    chromium: Browser, place: Place, page_of: Callable[[str], str]
) -> None:
    """In its place, and from the service."""
    (post,) = get_json(f"{place.base}/api/v1/courses/demo/posts?q=Bilder&kind=blog&limit=1")[
        "items"
    ]
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?post={post['id']}"
        with framed(visitor, place, page_of(source)) as (page, inside, _):
            expect(page.locator("iframe")).to_be_visible()
            assert inside.locator(".content img").count() == 0
            inside.get_by_role("link", name="Bild zeigen: Ein Hund").press("Enter")
            picture = inside.get_by_role("img", name="Ein Hund")
            expect(picture).to_be_focused()
            width = picture.evaluate("async node => (await node.decode(), node.naturalWidth)")
            assert width == 640
            assert "/media/" in str(picture.get_attribute("src"))


def test_links_lead_out_of_wordpress_by_our_host(chromium: Browser, place: Place) -> None:
    post, url = a_post(place, "kind=blog")
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?post={post}"
        with framed(visitor, place, wordpress(source)) as (page, inside, _):
            expect(page.locator("iframe")).to_be_visible()
            inside.locator("article .title a").click()
            page.wait_for_url(url)
        asked = visitor.strangers.copy()
        assert asked == [url] or set(asked) <= {url, f"{url.rsplit('/', 1)[0]}/favicon.ico"}
        visitor.strangers.clear()


def test_links_in_a_posts_words_lead_to_the_post(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?limit=20"
        with framed(visitor, place, wordpress(source)) as (page, inside, _):
            expect(page.locator("iframe")).to_be_visible()
            link = inside.locator("article .content a").first
            go = link.evaluate("node => node.closest('.post').querySelector('.when').href")
            link.click()
            page.wait_for_url(re.compile(r"http://127\.0\.0\.1:\d+/(?!embed)"))
            sent = [one for one in visitor.strangers if "127.0.0.2" not in one]
            assert go.startswith(f"{place.base}/go/")
            target = get_json(f"{place.base}/api/v1/courses/demo/posts/{go.rsplit('/', 1)[1]}")
            assert target["url"] in sent
        visitor.strangers.clear()


def test_elsewhere_links_open_a_tab(chromium: Browser, place: Place) -> None:
    post, url = a_post(place, "kind=blog")
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?post={post}"
        with framed(visitor, place, plain(source)) as (page, inside, homepage):
            with page.context.expect_page() as opened:
                inside.locator("article .title a").click()
            opened.value.wait_for_url(url)
            assert opened.value.evaluate("origin") != "null"  # the sandbox ends where ours ends
            assert opened.value.evaluate("opener") is None
            assert page.url == f"{homepage.origin}/"


@pytest.mark.parametrize("sandbox", ["wordpress", "plain"])
def test_search_and_more_within_the_sandbox(chromium: Browser, place: Place, sandbox: str) -> None:
    made = {"wordpress": wordpress, "plain": plain}[sandbox]
    with visit(chromium, place) as visitor:
        source = f"{place.base}/embed/demo?limit=3&search"
        with framed(visitor, place, made(source)) as (page, inside, _):
            expect(page.locator("iframe")).to_be_visible()
            inside.get_by_role("link", name="Mehr laden").click()
            expect(inside.locator("article")).to_have_count(6)
            expect(inside.locator("article").nth(3)).to_be_focused()
            inside.get_by_label("Beiträge durchsuchen").fill("wiki")
            inside.get_by_label("Beiträge durchsuchen").press("Enter")
            expect(inside.get_by_role("heading", name="Gefunden zu „wiki“")).to_be_visible()
            assert inside.url.endswith(f"#?secret={SECRET}") is (sandbox == "wordpress")
            assert inside.locator("article").count()


def test_without_script(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/embed/demo?limit=2&search&layout=grid&live")
        expect(page.locator("article")).to_have_count(2)
        page.get_by_role("link", name="Mehr laden").click()
        page.wait_for_url(re.compile("cursor="))
        expect(page.locator("article")).to_have_count(2)
        page.get_by_label("Beiträge durchsuchen").fill("wiki")
        page.get_by_role("button", name="Suchen").click()
        expect(page.get_by_role("heading", name="Gefunden zu „wiki“")).to_be_visible()
        for button in page.get_by_role("button").all():
            assert button.inner_text() == "Suchen"  # what needs script is not offered


def test_the_wall_turns_and_can_be_stopped(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        visitor.page.clock.install()
        page = visitor.open("/embed/demo?layout=wall&limit=5")
        expect(page.locator("article:visible")).to_have_count(1)
        code = page.get_by_role("img", name="QR-Code mit der Adresse http")
        assert code.evaluate("async node => (await node.decode(), node.naturalWidth)") > 0
        first = page.locator("article:visible").get_attribute("id")
        page.clock.run_for(12_500)
        assert page.locator("article:visible").get_attribute("id") != first
        page.get_by_role("button", name="Anhalten").click()
        second = page.locator("article:visible").get_attribute("id")
        page.clock.run_for(60_000)
        assert page.locator("article:visible").get_attribute("id") == second
        page.get_by_role("button", name="Weiter").click()
        page.clock.run_for(12_500)
        assert page.locator("article:visible").get_attribute("id") != second


def test_alone_the_wall_fills_its_screen(chromium: Browser, place: Place) -> None:
    """In a frame it is as high as its posts."""
    ends = "document.querySelector('.end').getBoundingClientRect().bottom"
    address = "/embed/demo?layout=wall&limit=1&media=none"
    with visit(chromium, place, width=1920, height=1400) as visitor:
        assert 1350 <= visitor.open(address).evaluate(ends) <= 1400
        assert visitor.page.evaluate("document.documentElement.scrollHeight") == 1400
        with framed(visitor, place, plain(place.base + address)) as (_, inside, _):
            assert inside.evaluate(ends) < 1000


def test_what_is_new_waits_behind_a_button(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        visitor.page.clock.install()
        source = f"{place.base}/embed/demo?live&limit=6"
        with framed(visitor, place, plain(source)) as (page, inside, _):
            ids = "[...document.querySelectorAll('article')].map(post => post.id)"
            all_posts = inside.evaluate(ids)
            inside.evaluate("document.querySelector('article').remove()")
            page.clock.run_for(70_000)
            button = inside.get_by_role("button", name="1 neuer Beitrag")
            expect(button).to_be_visible()
            expect(inside.get_by_role("status")).to_have_text("1 neuer Beitrag")
            assert inside.evaluate(ids) == all_posts[1:]  # nothing has moved
            button.click()
            expect(button).to_be_hidden()
            assert inside.evaluate(ids) == all_posts
            expect(inside.locator("article").first).to_be_focused()


PATHS = (
    *("/embed/demo?search&live", "/embed/demo?layout=grid&theme=dark", "/embed/demo?layout=wall"),
    *("/embed/demo?layout=compact", "/embed/demo?q=nirgendwo&search", "/embed/leer"),
    *("/demo/embed", "/demo/embed?layout=grid&live=on&ui=en", "/leer/embed"),
)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_they_fit_and_axe_has_no_complaint(
    chromium: Browser, place: Place, dark: bool, width: int
) -> None:
    with visit(chromium, place, dark=dark, width=width) as visitor:
        for path in (*PATHS, f"/embed/demo?post={place.discussed}"):
            page = visitor.open(path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page = visitor.open("/embed/demo?layout=tower", 422)
        assert violations(page) == []


def test_the_dark_is_dark(chromium: Browser, place: Place) -> None:
    def light(page: Page) -> int:
        colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    for dark in (False, True):
        with visit(chromium, place, dark=dark) as visitor:
            assert (light(visitor.open("/embed/demo")) < 200) is dark
            assert light(visitor.open("/embed/demo?theme=dark")) < 200
            assert light(visitor.open("/embed/demo?theme=light")) > 700


def test_choosing_shows_at_once(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = visitor.open("/demo/embed")
        page.get_by_label("Darstellung").select_option("grid")
        code = page.get_by_role("textbox", name="WordPress")
        expect(code).to_have_value(re.compile(r"/embed/demo\?layout=grid$"))
        expect(page.locator("iframe").first).to_have_attribute("src", "/embed/demo?layout=grid")
        assert page.url.endswith("layout=grid&limit=20&theme=auto&media=click")
        page.get_by_role("button", name="Kopieren: HTML").click()
        expect(page.get_by_role("status")).to_have_text("Kopiert: HTML")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith('<script type="module"')
        assert 'layout="grid"' in copied
        shown = page.frame_locator("iframe.narrow").locator("article")
        expect(shown).to_have_count(20)


def test_choosing_without_script(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/demo/embed?ui=en")
        page.get_by_label("Layout").select_option("compact")
        page.get_by_label("a field to search the posts").check()
        page.get_by_role("button", name="Show").click()
        code = page.get_by_role("textbox", name="WordPress")
        expect(code).to_have_value(re.compile(r"/embed/demo\?layout=compact&search=1$"))
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert page.get_by_role("button", name="Copy").count() == 0
