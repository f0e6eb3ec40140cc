"""Posts that want out of their card: script, text that runs the wrong way, endless words."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.embedding import PLAIN, Embedding, guest

pytestmark = pytest.mark.browser

MEDIA = {"type": "image", "width": None, "height": None}
BOXES = """() => [...document.querySelector("course-feed").shadowRoot.querySelectorAll(".card")]
    .map(node => node.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"""


@pytest.mark.parametrize("layout", ["list", "grid", "compact"])
@pytest.mark.parametrize("width", [320, 1280])
def test_they_stay_in_their_card(
    chromium: Browser, embed: Embedding, layout: str, width: int
) -> None:
    with guest(chromium, width=width) as visitor:
        page = visitor.open(embed.page(f"limit=100 layout={layout}"))
        expect(visitor.articles()).to_have_count(PLAIN + 7)
        for left, right, height in page.evaluate(BOXES):
            assert left >= 0
            assert right <= width
            assert height < 1500
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("window.hacked") is None
        contained = page.locator("course-feed article").first
        assert contained.evaluate("node => getComputedStyle(node).contain") == "layout paint"


def test_nothing_is_asked_of_a_third_party(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=100"))
        expect(visitor.articles()).to_have_count(PLAIN + 7)
        page.mouse.wheel(0, 100_000)
        page.wait_for_load_state("networkidle")
        assert {url.split("/")[2] for url in visitor.requests} == {
            embed.base.split("/")[2],
            embed.homepage.netloc,
        }
    assert embed.pictures.requests == []


def test_what_gets_in_whatever_the_api_lets_through(chromium: Browser, embed: Embedding) -> None:
    evil = (
        "<script>hacked=1</script><img src=x onerror=hacked=1><svg onload=hacked=1></svg>"
        "<p style='position:fixed' class='card' id='q' onclick='hacked=1'>Text</p>"
        "<a href='javascript:hacked=1'>Klick</a><a href='https://muster.example/'>Gut</a>"
        "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe><x-y>weg</x-y>"
        "<h1>Groß</h1><style>*{display:none}</style>"
    )
    with guest(chromium) as visitor:
        page = visitor.page

        def poison(route: Route) -> None:
            answer = route.fetch()
            document = answer.json()
            post = document["items"][0]
            post |= {"content_html": evil, "title": evil, "excerpt": evil, "language": '"><b>'}
            post |= {"url": "javascript:hacked=1", "in_reply_to": "data:text/html,x"}
            post["author"] |= {"name": evil, "handle": evil, "url": "javascript:hacked=1"}
            post["media"] = [{**MEDIA, "url": "javascript:hacked=1", "alt": evil}]
            route.fulfill(response=answer, json=document)

        page.route("**/posts?*", poison)
        visitor.open(embed.page("limit=2 media=show"))
        card = visitor.articles().first
        expect(card.locator("h3")).to_contain_text("<script>")
        inner = card.locator(".content")
        expect(inner.locator("p")).to_have_text("Text")
        assert inner.locator("p").evaluate("node => node.attributes.length") == 0
        for gone in ("script", "svg", "iframe", "style", "x-y", "h1"):
            assert card.locator(gone).count() == 0
        expect(inner.locator("h4")).to_have_text("Groß")
        links = card.locator("a").all()
        hrefs = [one.get_attribute("href") or "" for one in links]
        assert "https://muster.example/" in hrefs
        assert all(href.startswith("http") for href in hrefs)
        for one in links:
            assert one.get_attribute("rel") == "noopener noreferrer nofollow ugc"
            assert one.get_attribute("target") == "_blank"
        assert page.evaluate("window.hacked") is None


def test_a_picture_comes_with_a_click(chromium: Browser, embed: Embedding) -> None:
    """Forty megapixels of it, from the service, and as small as it will be shown."""
    embed.pictures.requests.clear()
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=100"))
        card = page.locator("course-feed article", has_text="Große Bilder")
        card.get_by_role("button", name="Bild zeigen: Riesig").press("Enter")
        image = card.get_by_role("img", name="Riesig")
        expect(image).to_be_focused()
        width = image.evaluate("async node => (await node.decode(), node.naturalWidth)")
        assert width <= 1280
        box, around = image.bounding_box(), card.bounding_box()
        assert box is not None
        assert around is not None
        assert box["x"] + box["width"] <= around["x"] + around["width"]
        assert box["height"] <= 600
        card.get_by_role("button", name="Bild zeigen: Kaputt").click()
        expect(card.get_by_text("[Bild: Kaputt]")).to_be_visible()
        own = {embed.base.split("/")[2], embed.homepage.netloc}
        assert {url.split("/")[2] for url in visitor.requests} == own
    assert embed.pictures.requests == ["/huge.png", "/broken.png"]


def test_pictures_by_attribute(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=100 media=none"))
        card = page.locator("course-feed article", has_text="Große Bilder")
        expect(card.get_by_text("[Bild: Riesig]")).to_be_visible()
        assert card.locator("button").count() == 0
        page.locator("course-feed").evaluate("node => node.setAttribute('media', 'show')")
        expect(card.get_by_role("button")).to_have_count(0)
        card.scroll_into_view_if_needed()
        expect(card.get_by_role("img", name="Riesig")).to_be_visible()
        expect(card.get_by_text("[Bild: Kaputt]")).to_be_visible()


def test_a_warning_stays_closed(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:

        def warn(route: Route) -> None:
            answer = route.fetch()
            document = answer.json()
            document["items"][0] |= {"sensitive": True, "content_warning": "Spinnen"}
            route.fulfill(response=answer, json=document)

        visitor.page.route("**/posts?*", warn)
        visitor.open(embed.page("limit=2"))
        card = visitor.articles().first
        expect(card.locator(".content")).to_be_hidden()
        card.get_by_text("Spinnen").press("Enter")
        expect(card.locator(".content")).to_be_visible()
