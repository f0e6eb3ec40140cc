"""Pictures at our own addresses: those that pages show, and nothing else."""

import asyncio
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from time import time

import pytest
from starlette.testclient import TestClient

from app.media.addresses import original, sources
from app.media.proxy import Proxy
from app.media.shelf import Shelf
from app.media.tidying import Tidying
from app.web import create_app
from app.wiring import fetch_policy
from collectors.pictures import LIMIT
from models.domain.coursefile import parse
from models.store import applying
from tests.app.conftest import course_text, made
from tests.app.media.conftest import Gallery, show
from tests.pictures import encoded, opened, png_of, shades
from tests.sites import Page, site


def test_a_picture_is_fetched_once_and_served_for_a_long_time(gallery: Gallery) -> None:
    address = gallery.address()
    for _ in range(2):
        answer = gallery.client.get(address)
        assert answer.status_code == 200
        assert opened(answer.content).size == (640, 320)
    assert gallery.site.requests == ["/one.png"]
    assert dict(answer.headers) == {
        "content-type": "image/webp",
        "content-length": str(len(answer.content)),
        "cache-control": "public, max-age=604800, immutable",
        "etag": answer.headers["etag"],
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "cross-origin",
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "ETag, Link",
    }


def test_the_other_width_needs_no_second_fetch(gallery: Gallery) -> None:
    sizes = [
        opened(gallery.client.get(gallery.address(width=width)).content).size
        for width in (640, 1280)
    ]
    assert sizes == [(640, 320), (1280, 640)]
    assert gallery.site.requests == ["/one.png"]


def test_faces_and_attachments_are_pictures_too(gallery: Gallery) -> None:
    assert opened(gallery.client.get(gallery.avatar()).content).size == (96, 96)
    answer = gallery.client.get(gallery.address("/two.gif"))
    assert opened(answer.content).size == (400, 300)
    assert getattr(opened(answer.content), "n_frames", 1) == 1
    assert gallery.client.get(gallery.address("/film.mp4")).status_code == 404
    assert gallery.site.requests == ["/face.jpg", "/two.gif"]


def test_head_and_304(gallery: Gallery) -> None:
    address = gallery.address()
    head = gallery.client.head(address)
    assert head.status_code == 200
    assert head.content == b""
    etag = head.headers["etag"]
    for given in (etag, f'"other", W/{etag}', "*"):
        answer = gallery.client.get(address, headers={"If-None-Match": given})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == etag
        assert "immutable" in answer.headers["cache-control"]
    assert gallery.client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_who_sends_a_cookie_gets_what_no_cache_may_keep(gallery: Gallery) -> None:
    answer = gallery.client.get(gallery.address(), headers={"Cookie": "a=b"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


def test_nothing_is_fetched_that_no_post_shows(gallery: Gallery) -> None:
    post = gallery.post()
    elsewhere = f"{gallery.site.origin}/one.png?elsewhere"
    refused = [
        sources(post, elsewhere).src,
        gallery.address().replace("/640/", "/641/"),
        gallery.address().replace("/640/", "/0640/"),
        gallery.address().replace("/sample/", "/other/"),
        gallery.address().replace(post.id, "0199b1a0-7c1e-7000-8000-3f5c2f1e9a10"),
        gallery.address().replace(".webp", ".png"),
        gallery.address().replace(".webp", "x.webp"),
        f"/media/sample/{post.id}/640/%C3%A4.webp",
        f"/media/sample/{post.id}/640/.webp",
        "/media/",
        f"/media/{elsewhere}",
    ]
    for address in refused:
        assert gallery.client.get(address).status_code == 404, address
    assert gallery.site.requests == []


def test_its_name_is_its_addresses_hash() -> None:
    """FNV-1a over UTF-16, which a script reckons as well: its authors' own test values."""
    urls = ["", "a", "foobar", "https://b.example/ä.png", "\U0001f600"]
    names = ["811c9dc5", "e40c292c", "bf9cf968"]
    assert [original(name, urls) for name in names] == urls[:3]
    assert original("00000000", urls) is None


def test_an_erased_posts_pictures_are_served_no_more_and_leave_the_disk(gallery: Gallery) -> None:
    address, face = gallery.address(), gallery.avatar()
    assert gallery.client.get(address).status_code == 200
    assert gallery.client.get(face).status_code == 200
    assert len(gallery.kept()) == 3
    gallery.erase()
    assert gallery.client.get(address).status_code == 404
    assert gallery.client.get(face).status_code == 404
    assert tidied(gallery) == []


def tidied(gallery: Gallery) -> list[str]:
    """What is kept once the next look has been taken."""
    settings = gallery.services.settings
    proxy = Proxy(Shelf(settings.data_dir / "media"), fetch_policy(settings), time)
    tidying = Tidying(proxy, gallery.services.database, lambda: "another")
    asyncio.run(tidying.look(time()))
    return gallery.kept()


def test_visible_posts_keep_theirs(gallery: Gallery) -> None:
    gallery.client.get(gallery.address())
    assert len(tidied(gallery)) == 2


def test_a_course_that_shows_excerpts_shows_faces_alone(gallery: Gallery) -> None:
    address, face = gallery.address(), gallery.avatar()
    at = datetime.now(UTC)
    text = course_text(at).replace('language = "de"', 'language = "de"\nshow = "excerpt"')
    with gallery.services.database.writing() as session:
        applying.apply(session, parse(text), at)
    assert gallery.client.get(address).status_code == 404
    assert gallery.client.get(face).status_code == 200


def test_what_was_fetched_outlives_a_restart_and_its_source(gallery: Gallery) -> None:
    address = gallery.address()
    body = gallery.client.get(address).content
    gallery.site.pages.clear()
    with TestClient(create_app(gallery.services), base_url="http://testserver") as again:
        assert again.get(address).content == body
    assert gallery.site.requests == ["/one.png"]


def _slow(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + png_of(9, 9)[:20])


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "page",
    [
        Page(b"gone", "text/plain", 404),
        Page(b"<!doctype html><title>Anmelden</title>", "image/png"),
        Page(SVG, "image/svg+xml"),
        Page(SVG, "image/png"),
        Page(encoded(shades(300, 300, noise=True), "PNG")[:-9000], "image/png"),
        Page(_slow, "image/png"),
        Page(bytes(LIMIT + 1), "image/png"),
        Page(b"", "image/png"),
        Page(b"", "image/png", 302, {"Location": "http://127.0.0.2:1/secret.png"}),
        Page(b"", "image/png", 302, {"Location": "http://169.254.169.254/latest/"}),
        Page(b"", "image/png", 302, {"Location": "/one.png"}),
        Page(b"", "image/png", 302, {"Location": "file:///etc/passwd"}),
    ],
    ids=[
        *("404", "a page", "svg", "svg called png", "truncated", "broken off", "too long", "empty"),
        *("to a private address", "to the cloud's own", "in a circle", "to a file"),
    ],
)
def test_what_is_no_picture_is_a_clean_404_and_not_asked_for_again(
    gallery: Gallery, page: Page
) -> None:
    gallery.site.pages["/one.png"] = page
    for _ in range(2):
        answer = gallery.client.get(gallery.address())
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "public, max-age=600"
    assert gallery.site.requests == ["/one.png"]


def test_what_it_is_called_does_not_matter(gallery: Gallery) -> None:
    gallery.site.pages["/one.png"] = Page(png_of(30, 20), "text/html; charset=utf-8")
    answer = gallery.client.get(gallery.address())
    assert opened(answer.content).size == (30, 20)
    assert answer.headers["content-type"] == "image/webp"


def test_a_redirect_to_a_picture_is_followed(gallery: Gallery) -> None:
    headers = {"Location": f"{gallery.site.origin}/face.jpg"}
    gallery.site.pages["/one.png"] = Page(b"", "text/html", 301, headers)
    assert opened(gallery.client.get(gallery.address()).content).size == (300, 200)


def test_private_addresses_are_not_fetched(tmp_path: Path) -> None:
    with site() as pictures:
        services = made(tmp_path)
        show(services, pictures)
        with TestClient(create_app(services), base_url="http://testserver") as client:
            gallery = Gallery(services, pictures, client)
            assert client.get(gallery.address()).status_code == 404
        assert pictures.requests == []


def test_a_folder_that_cannot_be_written_costs_no_picture(gallery: Gallery) -> None:
    (gallery.services.settings.data_dir / "media").write_bytes(b"a file where a folder should be")
    for _ in range(2):
        answer = gallery.client.get(gallery.address())
        assert opened(answer.content).size == (640, 320)
    assert gallery.site.requests == ["/one.png"] * 2
