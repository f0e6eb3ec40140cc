"""Pictures on our pages: each at an address of ours that answers."""

from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.media.addresses import OnPage
from tests.app.media.conftest import Gallery
from tests.pictures import opened


def images(gallery: Gallery, path: str) -> list[LexborNode]:
    answer = gallery.client.get(path, headers={"Cookie": "past=the cache"})
    assert answer.status_code == 200
    assert gallery.site.netloc not in "".join(
        value or ""
        for node in LexborHTMLParser(answer.text).css("*")
        for name, value in node.attributes.items()
        if name != "href"
    )
    return LexborHTMLParser(answer.text).css("article img")


def test_face_content_and_media_are_shown_in_lists_and_alone(gallery: Gallery) -> None:
    for path in ("/sample", f"/sample/posts/{gallery.post().id}"):
        shown = images(gallery, path)
        assert [node.attributes.get("alt") or "" for node in shown] == ["", "Eins", "Zwei"]
        for node in shown:
            assert (node.attributes["loading"], node.attributes["decoding"]) == ("lazy", "async")
            answer = gallery.client.get(node.attributes["src"] or "")
            assert answer.headers["content-type"] == "image/webp"
    assert sorted(gallery.site.requests) == ["/face.jpg", "/one.png", "/two.gif"]


def test_each_address_of_a_choice_answers(gallery: Gallery) -> None:
    (chosen,) = (node for node in images(gallery, "/sample") if "srcset" in node.attributes)
    choice = [part.split(" ") for part in (chosen.attributes["srcset"] or "").split(", ")]
    assert [width for _, width in choice] == ["640w", "1280w"]
    for address, _ in choice:
        assert opened(gallery.client.get(address).content).size == (400, 300)


def test_what_is_no_picture_is_a_link(gallery: Gallery) -> None:
    answer = gallery.client.get("/sample", headers={"Accept-Language": "de"})
    (link,) = LexborHTMLParser(answer.text).css(".media .file a")
    assert link.attributes["href"] == f"{gallery.site.origin}/film.mp4"


def test_whoever_has_no_face_has_a_letter(gallery: Gallery) -> None:
    (letter,) = LexborHTMLParser(gallery.client.get("/sample").text).css(".avatar")
    assert letter.text().strip() == "A"
    assert letter.attributes["aria-hidden"] == "true"


def test_a_face_has_one_address_on_a_page(gallery: Gallery) -> None:
    page, first = OnPage(), gallery.post()
    second = replace(first, id="0199b1a0-7c1e-7000-8000-3f5c2f1e9a10")
    other = replace(second, author=replace(second.author, avatar_url="https://ben.example/b.png"))
    assert page.avatar(first) == page.avatar(second) == gallery.avatar()
    assert page.avatar(other) not in {None, page.avatar(first)}
    assert page.avatar(replace(first, author=replace(first.author, avatar_url=None))) is None


def test_nothing_of_a_post_that_was_erased_stays_on_a_page(gallery: Gallery) -> None:
    assert images(gallery, "/sample")
    gallery.erase()
    assert not images(gallery, "/sample")
