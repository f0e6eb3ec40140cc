"""Pages in a real browser: they load, fit, and ask nobody else."""

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.browser.embedding import Embedding, guest
from tests.browser.visits import Place, visit

pytestmark = pytest.mark.browser

HEIGHT = "node => node.getBoundingClientRect().height"


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


def test_pictures_come_from_the_service_and_their_hosts_learn_nothing(
    chromium: Browser, place: Place
) -> None:
    with visit(chromium, place) as visitor:  # which fails where anybody else is asked
        page = visitor.open("/demo?q=Sieh&ui=de")
        picture = page.get_by_role("img", name="Ein Hund")
        assert drawn(picture) == 640
        page = visitor.open("/demo?q=Beiseite&ui=de")
        pictures = page.locator(".media img")
        assert [drawn(one) > 0 for one in pictures.all()] == [True, True]
        expect(pictures.first).to_have_accessible_name("Bild")
    asked = {request.split("?")[0] for request in place.pictures.requests}
    assert asked <= {"/one.png", "/two.png", "/broken.png"}  # by the service


def test_faces_are_drawn(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?kind=status")
        faces = page.locator(".avatar img")
        assert {drawn(face) for face in faces.all()[:5]} == {96}


BESIDE = """node => [...node.parentElement.children].slice(1).every(
  one => one.getBoundingClientRect().left > node.getBoundingClientRect().right)"""


def test_words_stand_beside_a_face_however_narrow(
    chromium: Browser, place: Place, embed: Embedding
) -> None:
    script = f'<script type="module" src="{place.base}/embed/v1/course-feed.js"></script>'
    element = f'<course-feed src="{place.base}/demo" layout="grid"></course-feed>'
    with guest(chromium, width=320) as visitor:
        for address in (f"{place.base}/embed/demo?layout=grid", embed.written(script + element)):
            faces = visitor.open(address).locator(".face")
            expect(faces.first).to_be_visible()
            assert all(face.evaluate(BESIDE) for face in faces.all())


def test_faces_are_drawn_on_homepages_too(
    chromium: Browser, place: Place, embed: Embedding
) -> None:
    """By the element, and from the service alone."""
    element = f'<course-feed src="{place.base}/demo" limit="100"></course-feed>'
    script = f'<script type="module" src="{place.base}/embed/v1/course-feed.js"></script>'
    with guest(chromium) as visitor:
        page = visitor.open(embed.written(script + element))
        faces = page.locator("course-feed .face")
        expect(faces.first).to_be_visible()
        assert faces.first.evaluate("async node => (await node.decode(), node.naturalWidth)") == 96
        own = {address.split("/")[2] for address in (place.base, embed.base, embed.homepage.origin)}
        assert {url.split("/")[2] for url in visitor.requests} == own
        page.locator("course-feed").evaluate("node => node.setAttribute('media', 'none')")
        expect(faces).to_have_count(0)
        expect(visitor.articles().first).to_be_visible()


def test_a_broken_picture_leaves_its_words(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?q=Oje&ui=de")
        picture = page.get_by_role("img", name="Ein Rest")
        assert drawn(picture) == 0
        expect(picture).to_be_visible()


def test_nothing_moves_when_pictures_come(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, width=390) as visitor:
        held: list[Route] | None = []

        def hold(route: Route) -> None:
            if held is None:
                route.continue_()
            else:
                held.append(route)

        visitor.page.route("**/media/**", hold)
        page = visitor.open("/demo?q=Beiseite")
        pictures = page.locator(".media img")
        pictures.first.scroll_into_view_if_needed()
        for _ in range(500):  # it may have been asked for before: a browser looks ahead
            if held:
                break
            page.wait_for_timeout(20)
        assert held
        before = page.locator("article").evaluate(HEIGHT)
        waiting, held = held or [], None
        for route in waiting:
            route.continue_()
        assert all(drawn(picture) for picture in pictures.all())
        assert page.locator("article").evaluate(HEIGHT) == before


def test_what_is_closed_is_not_loaded(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?kind=blog&limit=100")
        hidden = page.locator("details:not([open]) img")
        assert hidden.count()
        assert not hidden.evaluate_all("all => all.some(one => one.complete && one.naturalWidth)")


def drawn(picture: Locator) -> int:
    """The width of its file once it has come; 0 where it did not."""
    picture.scroll_into_view_if_needed()
    width = picture.evaluate(
        """node => new Promise(resolve => {
            const tell = () => resolve(node.naturalWidth);
            if (node.complete) tell();
            else { node.addEventListener("load", tell); node.addEventListener("error", tell); }
        })"""
    )
    return int(width)


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
    assert "/tracker.gif" not in place.pictures.requests


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
