import pytest

from collectors.feeds.decoding import decoded, repaired

GERMAN = "<rss><title>Grüße aus Köln – „Maß“</title>"


def declared(encoding: str, text: str = GERMAN) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{text}'


@pytest.mark.parametrize(
    ("text", "encoding", "content_type"),
    [
        (GERMAN, "utf-8", ""),
        (GERMAN, "utf-8-sig", "text/xml; charset=iso-8859-1"),
        (GERMAN, "cp1252", "text/xml"),
        (GERMAN, "utf-16", "text/xml"),
        (GERMAN, "utf-16-le", "text/xml"),
        (GERMAN, "utf-16-be", "text/xml; charset=utf-8"),
        (GERMAN, "utf-32", ""),
        (GERMAN, "utf-8", "text/xml; charset=iso-8859-1"),
        (declared("utf-8"), "cp1252", ""),
        (declared("iso-8859-1"), "cp1252", ""),
        (declared("us-ascii"), "cp1252", ""),
        (declared("ISO-8859-1"), "utf-8", ""),
        (declared("windows-1252"), "utf-8", "text/xml; charset=windows-1252"),
        (declared("utf-16"), "utf-8", ""),
        (declared("cp037"), "utf-8", ""),
        (declared("hex"), "utf-8", ""),
        (declared("punycode"), "utf-8", ""),
        (declared("no-such-thing"), "cp1252", "text/xml; charset=neither"),
        (declared("iso-8859-2", "<rss>Dvořák"), "iso-8859-2", ""),
        (declared("koi8-r", "<rss>Привет"), "koi8-r", ""),
        (declared("shift_jis", "<rss>日本語"), "shift_jis", ""),
        (declared("iso-2022-jp", "<rss>日本語"), "iso-2022-jp", ""),
        (declared("iso-8859-1", "<rss>日本語"), "gb18030", "text/xml; charset=gb18030"),
        (declared("shift_jis", "<rss>日本語"), "shift_jis", "text/xml; charset=iso-8859-1"),
    ],
)
def test_encodings_declared_well_and_badly(text: str, encoding: str, content_type: str) -> None:
    assert decoded(text.encode(encoding), content_type) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "shift_jis"])
def test_a_character_that_is_cut_off_costs_only_itself(encoding: str) -> None:
    text = declared(encoding.removesuffix("-sig"), "<rss>日本語")
    assert decoded(text.encode(encoding)[:-1], "") == text[:-1]


def test_an_odd_byte_within_utf_8_is_windows_1252() -> None:
    body = "Größe – ".encode() + "„für“ ".encode("cp1252")[:2] + b"\x81" + "– Maß".encode()
    assert decoded(body, "text/xml; charset=utf-8") == "Größe – „f�– Maß"


def test_what_is_mostly_odd_is_no_utf_8() -> None:
    assert decoded("é à ü ß Ã¤".encode("cp1252"), "") == "é à ü ß Ã¤"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a\x00b\x1fc\ufffe", "abc"),
        ("&#0;&#x1;&#xFFFF;&#55296;&#x110000;&#99999999999;&#xfffffffffff", ""),
        ("&#228;&#x000000e4;&#9;&#xA", "&#228;&#x000000e4;&#9;&#xA"),
        ("&#55357;&#56832; &#xD83D;&#xDE00;", "😀 😀"),
        ("&#55100;&#57000;", "&#55100;"),
        ("&#" + "9" * 5000 + ";", ""),
    ],
)
def test_characters_that_xml_forbids_are_left_out(written: str, meant: str) -> None:
    assert repaired(f"<rss>{written}</rss>") == f"<rss>{meant}</rss>"


@pytest.mark.parametrize(
    "before",
    [
        "Warning: something in line 3\n",
        '<?xml version="1.0"?><!-- <rss> --><!DOCTYPE rss [<!ENTITY a "b">]>\n',
        "<!-- one --> <!-- two -->",
        "<!DOCTYPE html><html><body>",
    ],
)
@pytest.mark.parametrize("root", ["<rss>", "<feed xmlns='x'>", "<RDF:RDF>", "<atom:feed>"])
def test_a_document_begins_with_its_root(before: str, root: str) -> None:
    assert repaired(before + root) == root


def test_no_entity_survives() -> None:
    text = '<!DOCTYPE x [<!ENTITY a "b">]><unknown>&a;</unknown>'
    assert "<!ENTITY" not in repaired(text)
