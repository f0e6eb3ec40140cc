"""Chromium, and a service with two courses: the demo's with odd posts in it, and an empty one."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from app.demo.servers import SampleWeb
from tests.browser.embedding import Embedding, embedding
from tests.browser.visits import FACILITATOR, PASSWORD, Place
from tests.pictures import png_of
from tests.sites import Page, rss, site
from tests.system.service import Installation, get_json, serving

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)
"""It asks nobody but us, and runs as root too."""

MEDIA = {
    "Zwei Anlagen": "".join(
        f"<enclosure url='PICTURES/{name}' type='image/png' length='99'/>"
        for name in ("one.png", "two.png")
    )
}
"""By title."""
ODD = rss(
    *(
        f"<item><title>{title}</title><link>https://odd.example/{number}</link>"
        f"<guid>https://odd.example/{number}</guid>"
        f"<pubDate>Tue, 03 Nov 2026 10:{number:02}:00 GMT</pubDate>"
        f"<description>{html.replace('<', '&lt;')}</description>{MEDIA.get(title, '')}</item>"
        for number, (title, html) in enumerate(
            [
                ("Bilder", "<p>Sieh <img src='PICTURES/one.png' alt='Ein Hund'></p>"),
                ("Kaputtes", "<p>Oje <img src='PICTURES/broken.png' alt='Ein Rest'></p>"),
                ("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3, "<p>Lang</p>"),
                ("Tabelle", f"<table><tr>{'<td>Spalte</td>' * 40}</tr></table>"),
                ("Code", f"<pre><code>{'x = y + z; ' * 40}</code></pre>"),
                ("مرحبا بالعالم", "<p>هذا نص باللغة العربية، وفيه ما يكفي من الكلمات.</p>"),
                ("Überschriften", "<h1>Eins</h1><h3>Drei</h3><p>Text</p>"),
                ("Nur ein Titel", ""),
                ("Zwei Anlagen", "<p>Beiseite</p>"),
            ]
        )
    ),
    title="Seltsames (Muster)",
)

EMPTY = """
[course]
slug = "leer"
title = "Ein leerer Kurs"
hashtags = ["leer"]
language = "de"
timezone = "Europe/Berlin"
imprint = "https://course.example/imprint"
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser. Without one, these tests are skipped, unless `CI` is set.

    It must not outlive the module: Playwright's synchronous interface keeps an event loop running
    in this thread, and tests after it could not start theirs.
    """
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is not here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The running service, collected from real servers."""
    folder = tmp_path_factory.mktemp("browser")
    with SampleWeb() as web, site() as odd, site() as pictures:
        odd.pages["/feed"] = Page(ODD.replace(b"PICTURES", pictures.origin.encode()))
        pictures.pages["/one.png"] = Page(png_of(2000, 1000), "image/png")
        pictures.pages["/broken.png"] = Page(png_of(2000, 1000)[:99], "image/png")
        pictures.pages["/two.png"] = Page(png_of(300, 900, "blue"), "image/png")
        allow = f"{web.allow()},{odd.netloc},{pictures.netloc}"
        installation = Installation(folder, {"MOOCFEED_FETCH_ALLOW": allow})
        for name, text in (("demo.toml", web.course_toml()), ("leer.toml", EMPTY)):
            (folder / name).write_text(text, encoding="utf-8")
            installation.run("course", "apply", name)
        more = ["source", "add", f"{odd.origin}/feed", "--course", "demo", "--match", "all"]
        installation.run(*more)
        installation.run("collect", "--once", code=3)
        role = ["--role", "facilitator", "--course", "demo", "--password-stdin"]
        installation.run("user", "add", FACILITATOR, *role, given=f"{PASSWORD}\n")
        with serving(installation, "--no-collect") as (base, _):
            discussed = get_json(f"{base}/api/v1/courses/demo/posts?order=discussed&limit=1")
            yield Place(base, discussed["items"][0]["id"], pictures)


@pytest.fixture(scope="session")
def embed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedding]:
    """A homepage that embeds a course with hostile posts."""
    with embedding(tmp_path_factory.mktemp("embed")) as made:
        yield made
