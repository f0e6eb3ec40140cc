"""<course-feed> on other people's pages: it loads, fits, says what is the matter, asks nobody."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.embedding import PLAIN, Embedding, guest

pytestmark = pytest.mark.browser
LAYOUTS = ("list", "grid", "compact", "wall")
FEED = "course-feed >> [role=feed]"


def wide(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_strict_policy_is_enough(chromium: Browser, embed: Embedding, layout: str) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page(f"layout={layout} search live", strict=True))
        expect(visitor.articles().first).to_be_visible()
        expect(visitor.articles().first).to_have_css("contain", "layout paint")
        if layout == "wall":
            code = page.get_by_role("img", name=f"{embed.base}/muster")
            expect(code).to_be_visible()
            assert code.evaluate("async node => (await node.decode(), node.naturalWidth > 0)")


def test_a_sandboxed_frame_is_enough(chromium: Browser, embed: Embedding) -> None:
    inner = embed.page("search")
    with guest(chromium) as visitor:
        frame = f'<iframe sandbox="allow-scripts" src="{inner}" width="600" height="600"></iframe>'
        page = visitor.open(embed.written(frame))
        feed = page.frame_locator("iframe").locator("course-feed")
        expect(feed.get_by_role("article")).to_have_count(20)
        feed.get_by_label("Beiträge durchsuchen").fill("nirgendwo")
        feed.get_by_role("button", name="Suchen").click()
        expect(feed.locator(".notice")).to_have_text("Dazu passt kein Beitrag.")


def test_without_script_there_is_a_link(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium, script=False) as visitor:
        page = visitor.open(embed.page())
        link = page.get_by_role("link", name="Zum Kurs")
        expect(link).to_be_visible()
        expect(link).to_have_attribute("href", f"{embed.base}/muster")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_fits_320_pixels_and_400_percent(
    chromium: Browser, embed: Embedding, layout: str
) -> None:
    with guest(chromium, width=320, height=256) as visitor:  # 1280 × 1024 at 400 %
        page = visitor.open(embed.page(f"layout={layout} search limit=100"))
        expect(visitor.articles().first).to_be_visible()
        assert wide(page) <= 320


def test_load_more_reaches_every_post(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("limit=15"))
        more = page.get_by_role("button", name="Mehr laden")
        expect(visitor.articles()).to_have_count(15)
        for shown in (30, 37):
            more.click()
            expect(visitor.articles()).to_have_count(shown)
            first = visitor.articles().nth(shown - (15 if shown == 30 else 7))
            expect(first).to_be_focused()
        expect(more).to_be_hidden()
        ids = [one.get_attribute("data-post") for one in visitor.articles().all()]
        assert len(set(ids)) == 37
        places = [one.get_attribute("aria-posinset") for one in visitor.articles().all()]
        assert places == [str(number) for number in range(1, 38)]


def test_sources_and_weeks(chromium: Browser, embed: Embedding) -> None:
    listed = embed.installation.run_json("source", "list")
    ids = {one["url"].rsplit("/", 1)[1]: one["id"] for one in listed}
    with guest(chromium) as visitor:
        visitor.open(embed.page(f'limit=100 sources="{ids["hostile"]}"'))
        expect(visitor.articles()).to_have_count(7)
        visitor.open(embed.page(f'limit=100 sources="{ids["hostile"]}, {ids["plain"]}" week=1'))
        expect(visitor.articles()).to_have_count(PLAIN + 7)


def test_search_and_filters(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("search limit=50"))
        expect(visitor.articles()).to_have_count(PLAIN + 7)
        field = page.get_by_label("Beiträge durchsuchen")
        field.fill("kaputt verkehrt")
        field.press("Enter")
        expect(page.locator("course-feed .notice")).to_have_text("Dazu passt kein Beitrag.")
        field.fill("verkehrt")
        field.press("Enter")
        expect(visitor.articles()).to_have_count(1)
        expect(page.get_by_role("status")).to_have_text("1 Beitrag")
        field.fill("")
        expect(visitor.articles()).to_have_count(PLAIN + 7)
        chip = page.get_by_role("button", name="Videos")
        chip.click()
        expect(chip).to_have_attribute("aria-pressed", "true")
        expect(page.locator("course-feed .notice")).to_be_visible()
        page.get_by_role("button", name="Alle Beiträge").click()
        expect(visitor.articles()).to_have_count(PLAIN + 7)


def test_a_week_to_come_and_a_course_that_is_not_there(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.open(embed.page("week=2"))
        notice = page.locator("course-feed .notice")
        expect(notice).to_have_text("Diese Woche beginnt am 5. November 2096.")
        page = visitor.open(embed.page(slug="nobody"))
        expect(notice).to_contain_text("Diesen Kurs gibt es hier nicht.")
        expect(page.get_by_role("link", name="Zum Kurs")).to_be_visible()
        page = visitor.open(embed.page("week=2", lang="en"))
        expect(notice).to_have_text("This week begins on November 5, 2096.")


def test_a_failure_can_be_tried_again(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.page
        page.route("**/posts?*", lambda route: route.fulfill(status=423, body="{}"))
        visitor.open(embed.page())
        retry = page.get_by_role("button", name="Noch einmal versuchen")
        expect(page.get_by_role("status")).to_have_text("Die Beiträge ließen sich nicht laden.")
        page.unroute("**/posts?*")
        retry.click()
        expect(visitor.articles()).to_have_count(20)
        expect(retry).to_have_count(0)


def test_attributes_change_what_is_shown(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium, language="fr-FR") as visitor:
        page = visitor.open(embed.page("limit=3"))
        expect(visitor.articles()).to_have_count(3)
        element = page.locator("course-feed")
        element.evaluate("node => { node.setAttribute('limit', 5); node.lang = 'en' }")
        expect(visitor.articles()).to_have_count(5)
        expect(page.get_by_role("button", name="Load more")).to_be_visible()
        element.evaluate("node => node.setAttribute('src', 'javascript:alert(1)')")
        expect(page.get_by_role("status")).to_have_text("There is no such course here.")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_light_and_dark(chromium: Browser, embed: Embedding, dark: bool) -> None:
    with guest(chromium, dark=dark) as visitor:
        page = visitor.open(embed.page("limit=1"))
        card = visitor.articles().first
        expect(card).to_have_css(
            "background-color", "rgb(27, 31, 35)" if dark else "rgb(255, 255, 255)"
        )
        element = page.locator("course-feed")
        element.evaluate("node => node.setAttribute('theme', 'light')")
        expect(card).to_have_css("background-color", "rgb(255, 255, 255)")
        element.evaluate("node => node.setAttribute('theme', 'dark')")
        expect(card).to_have_css("background-color", "rgb(27, 31, 35)")
        element.evaluate("node => node.style.setProperty('--cf-bg', 'rgb(1, 2, 3)')")
        expect(card).to_have_css("background-color", "rgb(1, 2, 3)")


def test_the_wall_turns_and_can_be_stopped(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium) as visitor:
        page = visitor.page
        page.clock.install()
        visitor.open(embed.page("layout=wall limit=3"))
        shown = page.locator("course-feed article:not([hidden]) h3")
        expect(shown).to_have_text("Beitrag 29")
        page.clock.run_for(12_500)
        expect(shown).to_have_text("Beitrag 28")
        page.get_by_role("button", name="Anhalten").click()
        page.clock.run_for(60_000)
        expect(shown).to_have_text("Beitrag 28")
        page.get_by_role("button", name="Nächster Beitrag").click()
        expect(shown).to_have_text("Beitrag 27")


def test_with_reduced_motion_nothing_moves_by_itself(chromium: Browser, embed: Embedding) -> None:
    with guest(chromium, still=True) as visitor:
        page = visitor.open(embed.page("layout=wall limit=3"))
        expect(page.get_by_role("button", name="Weiter")).to_be_visible()
        assert (
            page.locator("course-feed article").first.evaluate(
                "node => node.getAnimations({subtree: true}).length"
            )
            == 0
        )
