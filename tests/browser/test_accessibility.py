"""axe-core finds nothing to complain about, in light and in dark, on phones and on desks."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.visits import Place, visit

pytestmark = pytest.mark.browser


def violations(page: Page) -> list[str]:
    """Each with the elements it was found at."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_violations(chromium: Browser, place: Place, dark: bool, width: int) -> None:
    with visit(chromium, place, dark=dark, width=width) as visitor:
        for path in place.pages():
            assert violations(visitor.open(path)) == [], path
        for path, status in place.refusals():
            assert violations(visitor.open(path, status)) == [], path


def test_nor_with_everything_opened(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo?kind=blog&limit=100")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert violations(page) == []


def test_axe_would_find_something(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/demo")
        page.evaluate("document.querySelector('label').remove()")
        assert violations(page)
