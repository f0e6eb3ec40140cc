"""Logging in and out in a real browser, by keyboard alone and without script."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import violations
from tests.browser.visits import FACILITATOR, PASSWORD, Place, visit
from tests.sites import site

pytestmark = pytest.mark.browser


def typed(page: Page, email: str, password: str) -> None:
    """Into the form, from its first field on, which has the focus already."""
    expect(page.get_by_label("E-Mail-Adresse")).to_be_focused()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    expect(page.get_by_label("Passwort")).to_be_focused()
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_in_and_out_by_keyboard(chromium: Browser, place: Place, dark: bool, width: int) -> None:
    with visit(chromium, place, dark=dark, width=width) as visitor:
        page = visitor.open("/login")
        typed(page, FACILITATOR, PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Konto")
        assert page.url == f"{place.base}/login"
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        button = page.get_by_role("button", name="Abmelden")
        for _ in range(12):
            page.keyboard.press("Tab")
            if button.evaluate("node => node === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")
        assert page.context.cookies() == []


def test_without_script_and_back_to_where_one_was(chromium: Browser, place: Place) -> None:
    with visit(chromium, place, script=False) as visitor:
        page = visitor.open("/login?return_to=%2Fdemo%2Fweeks%2F2")
        page.get_by_label("E-Mail-Adresse").fill(FACILITATOR)
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Anmelden").click()
        assert page.url == f"{place.base}/demo/weeks/2"


def test_what_is_wrong_is_said_where_it_is_read(chromium: Browser, place: Place) -> None:
    with visit(chromium, place) as visitor:
        page = visitor.open("/login")
        typed(page, "nobody@course.example", "ein anderer Satz")
        expect(page.get_by_role("alert")).to_contain_text("stimmt nicht")
        password = page.get_by_label("Passwort")
        expect(password).to_be_focused()
        expect(password).to_have_value("")
        expect(password).to_have_accessible_description(
            "E-Mail-Adresse oder Passwort stimmt nicht."
        )
        assert page.title().startswith("Fehler")
        assert violations(page) == []


def test_another_site_s_form_does_nothing(chromium: Browser, place: Place) -> None:
    """Not even from a page of the same site on another port, which `SameSite` lets through."""
    with visit(chromium, place) as visitor, site({"/": place.forgery()}) as elsewhere:
        page = visitor.open("/login")
        typed(page, FACILITATOR, PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Konto")
        page.goto(elsewhere.origin)
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Das ist nicht für Sie")
        visitor.strangers.clear()
        page = visitor.open("/login")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Konto")
