"""A visit to the service's pages, at which nothing may go wrong unnoticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, Request

from tests.sites import Page as SitePage
from tests.sites import Site

FACILITATOR, PASSWORD = "facilitator@course.example", "ein ganzer Satz"
"""Of the sample course."""


@dataclass(frozen=True)
class Place:
    """The service, and what a test has to know of it."""

    base: str
    discussed: str
    """The id of the post with most responses."""
    pictures: Site
    """A third party, whose pictures posts show."""

    def pages(self) -> tuple[str, ...]:
        """One address of each kind of page."""
        return (
            *("/", "/demo", "/demo/weeks/2", "/demo?order=discussed", "/demo?q=wiki&kind=blog"),
            *("/demo?tag=zahlen", "/demo?q=nirgendwo", f"/demo/posts/{self.discussed}"),
            *("/demo/links", "/demo/people", "/leer/links", "/leer/people"),
            *("/demo?participant=nobody&ui=en", "/leer", "/demo?until=2026-11-04&since=2026-11-03"),
            *("/login", "/login?ui=en&return_to=%2Fdemo"),
        )

    def forgery(self) -> SitePage:
        """Of another site: its form would log a visitor out here."""
        form = f'<form method="post" action="{self.base}/logout"><button>x</button></form>'
        return SitePage(f"<!doctype html><title>x</title>{form}".encode(), "text/html")

    def refusals(self) -> tuple[tuple[str, int], ...]:
        return (("/nobody", 404), ("/demo/weeks/99", 404), ("/demo?limit=0", 422))


@dataclass
class Visit:
    """A page, and what went wrong on it."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Requests to anybody but the service."""

    def open(self, path: str, status: int = 200) -> Page:
        response = self.page.goto(self.base + path)
        assert response is not None
        assert response.status == status, path
        return self.page


@contextmanager
def visit(
    chromium: Browser,
    place: Place,
    *,
    width: int = 1280,
    height: int = 800,
    scale: int = 1,
    dark: bool = False,
    language: str = "de-DE",
    script: bool = True,
) -> Iterator[Visit]:
    """A new visitor. At the end, no page has complained, and nobody else was asked."""
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        color_scheme="dark" if dark else "light",
        locale=language,
        java_script_enabled=script,
    )
    found = Visit(context.new_page(), place.base)
    page = found.page
    page.on("console", lambda message: _note(found.complaints, message.type, message.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("requestfailed", lambda request: _note_failure(found, request))
    page.on("request", lambda request: _note_stranger(found, request.url))
    try:
        yield found
        assert not found.complaints, found.complaints
        assert not found.strangers, found.strangers
    finally:
        context.close()


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in {"error", "warning"} and "status of 4" not in text:  # a refusal is a page, too
        complaints.append(text)


def _note_failure(found: Visit, request: Request) -> None:
    if request.failure != "net::ERR_ABORTED":  # the visitor had gone on to another page
        found.complaints.append(f"{request.url}: {request.failure}")


def _note_stranger(found: Visit, url: str) -> None:
    if not url.startswith(f"{found.base}/"):
        found.strangers.append(url)
