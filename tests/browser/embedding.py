"""A course with hostile posts, and a homepage of somebody else that embeds it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Request

from tests.pictures import png_of
from tests.sites import Page as Served
from tests.sites import Site, rss, site
from tests.system.service import Installation, serving

COURSE = """
[course]
slug = "muster"
title = "Ein Musterkurs"
hashtags = ["muster"]
language = "de"
timezone = "Europe/Berlin"

[[weeks]]
number = 1
title = "Anfang"
starts_on = 2026-11-02

[[weeks]]
number = 2
title = "Weit voraus"
starts_on = 2096-11-05

[[sources]]
kind = "feed"
url = "{blogs}/plain"
match = "all"

[[sources]]
kind = "feed"
url = "{blogs}/hostile"
match = "all"
"""
PLAIN = 30
STRICT = (
    "default-src 'none'; script-src {base}; connect-src {base}; img-src {base}; base-uri 'none'"
)
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Eine Startseite</title>
<script type="module" src="{base}/embed/v1/course-feed.js"></script></head>
<body><main><h1>Eine Startseite</h1><h2>Aus dem Kurs</h2><p><a href="#before">Davor</a></p>
{element}
<p><a href="#after">Danach</a></p></main></body></html>"""
SCRIPT = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
RTL = "\u202e"
ZALGO = "Z" + "\u0335\u0338\u0321\u0322\u0348\u033f\u0301" * 60
HOSTILE = (
    (f"Skript {SCRIPT}", SCRIPT, f"<p>Text {SCRIPT}<a href='javascript:hacked=1'>Klick</a></p>"),
    (f"{RTL}Von rechts", f"{RTL}Name", f"<p>{RTL}Alles verkehrt {RTL}</p>"),
    (ZALGO * 20, ZALGO, f"<p>{ZALGO * 40}</p>"),
    ("Langes Wort", "W" * 500, f"<p>{'W' * 50_000}</p>"),
    ("W" * 50_000, "Lang (Muster)", "<p>Der Titel ist ein Wort.</p>"),
    (
        "Große Bilder",
        "Bild (Muster)",
        "<p>Sieh <img src='PICTURES/huge.png' alt='Riesig' width='8000' height='5000'>"
        "<img src='PICTURES/broken.png' alt='Kaputt'></p>",
    ),
    (
        "Ausbruch",
        "Stil (Muster)",
        "<style>*{display:none}</style><p style='position:fixed;inset:0'>Über allem</p>"
        "<a href='https://muster.example/'><img src='PICTURES/linked.png' alt='Verlinkt'></a>"
        "<form><input name=a><button>Los</button></form>",
    ),
)


def item(number: int, title: str, author: str, html: str, *, blog: str = "a", day: int = 3) -> str:
    """An entry of RSS; later numbers are younger."""
    return (
        f"<item><title>{escape(title)}</title><link>https://{blog}.example/{number}</link>"
        f"<guid>https://{blog}.example/{number}</guid>"
        f"<pubDate>Tue, {day:02} Nov 2026 10:{number:02}:00 GMT</pubDate>"
        f"<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>{escape(author)}</dc:creator>"
        f"<description>{escape(html)}</description></item>"
    )


def plain(number: int, words: str = "Text") -> str:
    return item(number, f"Beitrag {number}", "Ada (Muster)", f"<p>{words} {number}.</p>")


def hostile(pictures: Site) -> str:
    return "".join(
        item(number, title, author, html.replace("PICTURES", pictures.origin), blog="b", day=2)
        for number, (title, author, html) in enumerate(HOSTILE)
    )


@dataclass
class Embedding:
    """The service, the blogs it collects, and the homepage."""

    base: str
    installation: Installation
    blogs: Site
    homepage: Site
    pictures: Site
    entries: dict[int, str]

    def publish(self) -> None:
        """What the plain blog holds now, collected."""
        newest = sorted(self.entries, reverse=True)
        self.blogs.pages["/plain"] = Served(rss(*(self.entries[number] for number in newest)))
        self.installation.run("collect", "--once", "--all")

    def page(
        self, attributes: str = "", *, strict: bool = False, lang: str = "de", slug: str = "muster"
    ) -> str:
        """Address of a homepage with the element."""
        element = (
            f'<course-feed src="{self.base}/{slug}" {attributes}>'
            f'<a href="{self.base}/{slug}">Zum Kurs</a></course-feed>'
        )
        return self.written(element, strict=strict, lang=lang)

    def written(self, element: str, *, strict: bool = False, lang: str = "de") -> str:
        """Address of a homepage with this markup in it."""
        policy = {"Content-Security-Policy": STRICT.format(base=self.base)} if strict else {}
        body = PAGE.format(base=self.base, element=element, lang=lang).encode()
        path = f"/{len(self.homepage.pages)}"
        self.homepage.pages[path] = Served(body, "text/html; charset=utf-8", headers=policy)
        return self.homepage.origin + path


@contextmanager
def embedding(folder: Path) -> Iterator[Embedding]:
    """All of it, until the block ends."""
    with site() as blogs, site() as homepage, site() as pictures:
        entries = {number: plain(number) for number in range(PLAIN)}
        allow = f"{blogs.netloc},{pictures.netloc}"
        installation = Installation(folder, {"MOOCFEED_FETCH_ALLOW": allow})
        text = COURSE.format(blogs=blogs.origin)
        (folder / "muster.toml").write_text(text, encoding="utf-8")
        blogs.pages["/hostile"] = Served(rss(hostile(pictures)))
        pictures.pages["/huge.png"] = Served(png_of(8000, 5000), "image/png")
        pictures.pages["/broken.png"] = Served(png_of(99, 99)[:60], "image/png")
        installation.run("course", "apply", "muster.toml")
        with serving(installation, "--no-collect") as (base, _):
            made = Embedding(base, installation, blogs, homepage, pictures, entries)
            made.publish()
            yield made


@dataclass
class Guest:
    """A visitor of the homepage, and what went wrong there."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, url: str) -> Page:
        self.page.goto(url)
        return self.page

    def articles(self) -> Locator:
        return self.page.locator("course-feed article:visible")


@contextmanager
def guest(
    chromium: Browser,
    *,
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
    still: bool = False,
    language: str = "de-DE",
    script: bool = True,
) -> Iterator[Guest]:
    """A new visitor. At the end, no page has complained."""
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if still else "no-preference",
        locale=language,
        java_script_enabled=script,
    )
    found = Guest(context.new_page())
    page = found.page
    page.on("console", lambda message: _note(found, message.type, message.text))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("request", lambda request: _asked(found, request))
    try:
        yield found
        assert not found.complaints, found.complaints
    finally:
        context.close()


def _note(found: Guest, kind: str, text: str) -> None:
    if kind in {"error", "warning"} and "status of 4" not in text:  # a refusal is told on the page
        found.complaints.append(text)


def _asked(found: Guest, request: Request) -> None:
    found.requests.append(request.url)
