"""No document of ours breaks a rule of validators, whatever its posts hold."""

from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from lxml import etree
from starlette.testclient import TestClient

from app.syndication import atom, rss
from app.syndication.xml import CONTENT
from app.wiring import Services
from models.domain.html import clean
from models.domain.html.profile import TAGS
from models.domain.post import Media
from models.store.rows import FeedAuthor, FeedSource
from tests.app.conftest import entry, publish
from tests.app.syndication.rules import complaints
from tests.app.syndication.samples import a_picture, a_post, a_status, archive, channel

BASE = "http://testserver"
OWN = "https://feed.example/sample/feed"
WRITERS = pytest.mark.parametrize("writer", [rss, atom])
ALL_TAGS = "".join(f'<{tag} lang="de" dir="rtl" style="x" onclick="x()">x</{tag}>' for tag in TAGS)
ODD: dict[str, dict[str, Any]] = {
    "every element": {"content_html": clean(f'{ALL_TAGS}<a href="/x">x</a>', OWN).html},
    "an address in German": {"url": "https://bücher.example/größe?q=a|b&c=[d]#ä"},
    "an address of a site": {"url": "https://ada.example", "author": "https://ada.example"},
    "a stray percent sign": {"url": "https://ada.example/100%/%zz"},
    "markup in a title": {"title": "Fett: <b>so</b>, nicht <canvas>"},
    "an entity in a title": {"title": "Das &amp;-Zeichen & AT&T"},
    "markup in a text": {"title": None, "excerpt": "<b>so</b> <canvas>"},
    "nothing at all": {"title": None, "excerpt": "", "content_html": ""},
    "an empty hashtag": {"hashtags": ("", "a")},
    "a source at the root": {
        "sources": (FeedSource("s", "mastodon", "#a · x", "https://x.example"),)
    },
    "before all time": {"published_at": datetime(1, 1, 1, tzinfo=UTC)},
    "an author who is an address": {"author": "mailto:ada@ada.example"},
    "closed": {"sensitive": True, "content_warning": "<i>Essen</i> & Trinken"},
    "odd media": {
        "media": (
            Media("https://x.example/ü.JPG", "image", 'a"b', 1, 1),
            Media("https://x.example/no-ending", "video", None, None, None),
            Media("https://x.example/b.mp3", "audio", "Ein Gespräch", None, None),
            Media("https://[x.example/c.mp3", "audio", None, None, None),
        )
    },
}


def odd_post(values: dict[str, Any]) -> Any:
    given = dict(values)
    if isinstance(url := given.get("author"), str):
        given["author"] = FeedAuthor("Ada", url, None, None, None)
    return a_post(**given)


@WRITERS
@pytest.mark.parametrize("name", ODD)
def test_odd_posts_make_no_odd_documents(writer: Any, name: str) -> None:
    own = f"{OWN}.x"
    document = writer.write(channel(odd_post(ODD[name]), self_url=own, feed_id=own))
    assert complaints(document, own) == []


@pytest.mark.parametrize(("writer", "suffix"), [(rss, "rss"), (atom, "atom")])
def test_archives_are_valid(writer: Any, suffix: str) -> None:
    document = writer.write(archive(suffix))
    assert complaints(document, f"{OWN}.{suffix}?limit=100&week=2") == []


@WRITERS
@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"self_url": "https://else.example/"}, "self is not"),
        ({"hub": "/websub/hub"}, "is no absolute URI"),
        ({"posts": (a_status(), a_status())}, "stands 2 times"),
        (
            {"posts": (a_post(content_html="<iframe src='https://x.example/'></iframe>"),)},
            "<iframe> is a risk",
        ),
        ({"posts": (a_post(content_html="<a href='/x'>x</a>"),)}, "'/x' is relative"),
        ({"posts": (a_post(content_html="<p style='x'>x</p>"),)}, "style is a risk"),
    ],
)
def test_the_rules_find_what_breaks_them(writer: Any, change: dict[str, Any], by: str) -> None:
    document = writer.write(channel(a_post(), **{"self_url": OWN, **change}))
    found = complaints(document, OWN)
    assert found
    assert all(by in one for one in found)


def test_an_undeclared_title_is_found() -> None:
    document = rss.write(channel(a_post(title="<b>x</b>"), self_url=OWN))
    assert complaints(document, OWN) == []
    assert complaints(document.replace(b"&#x3C;", b"&lt;"), OWN) != []


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_every_document_that_is_led_to_is_valid(
    services: Services, client: TestClient, suffix: str
) -> None:
    """From the course's page, and on along `next` and the archives: each is where it says."""
    at = datetime.now(UTC)
    publish(
        services,
        "https://ben.example/feed",
        *(entry("ben.example", 100 + n, at, f"Text {n}") for n in range(130)),
    )
    waiting = [_advertised(client, page, suffix) for page in ("/sample", "/sample/weeks/1")]
    waiting.append(_advertised(client, "/sample?tag=sample&lang=de&kind=blog", suffix))
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address not in seen:
            seen.add(address)
            body = client.get(address.removeprefix(BASE)).content
            assert complaints(body, address) == []
            waiting += _further(body)
    assert len(seen) > 10


def _advertised(client: TestClient, page: str, suffix: str) -> str:
    head = client.get(page).text
    named = {"rss": "rss+xml", "atom": "atom+xml"}[suffix]
    href = head.split(f'type="application/{named}"')[1].split('href="')[1].split('"')[0]
    return BASE + href.replace("&amp;", "&")


def _further(body: bytes) -> list[str]:
    rels = {"next", "prev-archive", "next-archive", "current"}
    return [link.href for link in feedparser.parse(body).feed.links if link.rel in rels]


def test_pictures_are_shown_by_every_reader() -> None:
    for writer in (rss, atom):
        read = feedparser.parse(writer.write(channel(a_picture()))).entries[0]
        assert 'src="https://social.example/a.jpg"' in read.content[0].value
        assert 'alt="Ein Whiteboard"' in read.content[0].value
        first = read.enclosures[0]
        assert (first.href, first.type) == ("https://social.example/a.jpg", "image/jpeg")


def test_what_is_warned_of_stays_closed() -> None:
    closed = a_picture(content_warning="Blut & Tränen", excerpt="Viel davon")
    item = etree.fromstring(rss.write(channel(closed))).find("channel/item")
    assert item is not None
    content = item.findtext(f"{{{CONTENT}}}encoded") or ""
    assert content.startswith("<details><summary>Blut &amp; Tränen</summary><p><img ")
    assert item.findtext("description") == "Blut &amp; Tränen"
    assert item.find("enclosure") is None
