"""The element's module as it is served, and a course's QR code."""

import gzip

import pytest
import segno
from lxml import etree
from starlette.testclient import TestClient

from app.embed.module import ADDRESS, HERE, module
from app.embed.words import NUMBERED, PLAIN, words

LARGEST = 12_000
QR = "/embed/v1/qr/sample.svg"


def test_script_and_style_fit_twelve_kilobytes() -> None:
    assert len(module().zipped) <= LARGEST


def test_script_style_and_words_are_in_it() -> None:
    text = module().body.decode()
    assert 'customElements.define("course-feed"' in text
    assert 'const STYLE = ":host {' in text
    assert "Mehr laden" in text
    assert "Load more" in text


def test_comments_stay_at_home() -> None:
    script = (HERE / "course-feed.js").read_text(encoding="utf-8")
    assert "/* A post as a card */" in script
    assert "/* A post as a card */" not in module().body.decode()


def test_it_is_javascript_for_any_site(client: TestClient) -> None:
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.content == module().body


def test_a_version_never_changes(client: TestClient) -> None:
    versioned = client.get(module().address)
    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in (ADDRESS, f"{ADDRESS}?v=another"):
        assert client.get(other).headers["cache-control"] == "public, max-age=3600, immutable"
        assert client.get(other).content == versioned.content


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_it_is_validated(client: TestClient, coding: str) -> None:
    accepted = {"Accept-Encoding": coding}
    first = client.get(ADDRESS, headers=accepted)
    assert first.headers.get("content-encoding") == ("gzip" if coding == "gzip" else None)
    assert first.headers["vary"] == "Accept-Encoding"
    again = client.get(ADDRESS, headers={**accepted, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(ADDRESS, headers={**accepted, "If-None-Match": "*"}).status_code == 304
    other = "identity" if coding == "gzip" else "gzip"
    crossed = {"Accept-Encoding": other, "If-None-Match": first.headers["etag"]}
    assert client.get(ADDRESS, headers=crossed).status_code == 200
    head = client.head(ADDRESS, headers=accepted)
    assert (head.status_code, head.content) == (200, b"")


def test_the_compressed_form_is_the_same() -> None:
    assert gzip.decompress(module().zipped) == module().body


def test_each_language_has_each_word() -> None:
    for language, texts in words().items():
        assert set(texts) == {*PLAIN, *NUMBERED}, language
        for key in NUMBERED:
            assert set(texts[key]) == {"one", "other"}, language


def test_the_script_names_no_word_that_is_missing() -> None:
    script = (HERE / "course-feed.js").read_text(encoding="utf-8")
    for key in PLAIN:
        assert f"words.{key}" in script or f'"{key}"' in script or f"{{ {key} }}" in script, key


def test_the_qr_code_is_the_course_pages_address(client: TestClient) -> None:
    answer = client.get(QR)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    drawing = etree.fromstring(answer.content)
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    expected = segno.make("http://testserver/sample", error="m", micro=False)
    size = expected.symbol_size()[0]
    assert drawing.get("viewBox") == f"0 0 {size} {size}"
    assert dark_modules(drawing) == sum(map(sum, expected.matrix))


def test_no_qr_code_without_a_course(client: TestClient) -> None:
    assert client.get("/embed/v1/qr/nobody.svg").status_code == 404


def dark_modules(drawing: "etree._Element") -> int:
    """How many modules the horizontal strokes cover."""
    path = drawing.findall("{http://www.w3.org/2000/svg}path")[-1].get("d") or ""
    strokes = path.replace("m", " ").replace("M", " ").replace("h", " h").split()
    return sum(int(stroke[1:]) for stroke in strokes if stroke.startswith("h"))
