"""From the bytes of a doubtful feed to text that an XML parser accepts.

What a feed declares is often not what it is: byte order mark, then valid UTF-8, then what it and
its server say, then windows-1252, which nearly all mislabelled Western text is.
"""

import codecs
import re
from contextlib import suppress

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE_UTF_16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_NOT_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7"})
"""Python's codecs that no feed is written in, some of them of quadratic cost."""
_DEFAULTS = frozenset({"iso8859-1", "ascii"})
"""What servers add to a Content-Type without knowing better; in truth windows-1252."""

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]{1,8})|([0-9]{1,8}));", re.IGNORECASE)
_SURROGATES = re.compile(
    r"&#(?:x(d[89ab][0-9a-f]{2})|(5[5-6]\d{3}));&#(?:x(d[c-f][0-9a-f]{2})|(5[67]\d{3}));",
    re.IGNORECASE,
)

_COMMENT_OR_ROOT = re.compile(r"<!--|<(?:rss|feed|rdf:RDF|channel)\b", re.IGNORECASE)


def decoded(body: bytes, content_type: str) -> str:
    """The text; never fails, at worst with replacement characters."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _BARE_UTF_16:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    for encoding in _candidates(body, content_type):
        with suppress(UnicodeError):
            return body.decode(encoding)
    return body.decode("cp1252", "replace")


def _candidates(body: bytes, content_type: str) -> list[str]:
    """A default of the server's yields to what the document says of itself."""
    in_document = _DECLARED.search(body[:1000])
    in_header = _CHARSET.search(content_type)
    declared = _codec(in_document[1].decode("ascii")) if in_document else None
    charset = _codec(in_header[1]) if in_header else None
    named = [charset, declared]
    if charset in _DEFAULTS and declared is not None:
        named.reverse()
    if declared in {None, "utf-8"}:
        named.insert(0, "utf-8")
    known = [name for name in named if name is not None]
    return ["cp1252" if name in _DEFAULTS else name for name in (*known, "utf-8")]


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return None if found in _NOT_TEXT else found


def repaired(text: str) -> str:
    """Without the characters that XML forbids, and without anything before the root.

    A document type goes with it, and so does every entity: none is ever expanded.
    """
    text = _ILLEGAL.sub("", text)
    if "&#" in text:
        text = _SURROGATES.sub(_joined, text)
        text = _REFERENCE.sub(_legal, text)
    return text[_root(text) :]


def _root(text: str) -> int:
    """Where the root element begins, comments passed over; 0 where none is found."""
    at = 0
    while found := _COMMENT_OR_ROOT.search(text, at):
        if found[0] != "<!--":
            return found.start()
        end = text.find("-->", found.end())
        if end < 0:
            # Never closed, so it is no comment, and neither is any that follows: a search for
            # the end of each would take quadratic time.
            root = next((m for m in _COMMENT_OR_ROOT.finditer(text, at) if m[0] != "<!--"), None)
            return root.start() if root else 0
        at = end + 3
    return 0


def _joined(match: re.Match[str]) -> str:
    """Two references that stand for the halves of one character, as JavaScript counts."""
    high = int(match[1], 16) if match[1] else int(match[2])
    low = int(match[3], 16) if match[3] else int(match[4])
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return ""
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _legal(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    if code > 0x10FFFF or _ILLEGAL.match(chr(code)):
        return ""
    return match[0]
