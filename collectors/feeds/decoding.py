"""From the bytes of a doubtful feed to text that an XML parser accepts.

What a feed declares is often not what it is: byte order mark, then UTF-8, unless a declaration
says what is hardly ever said by mistake, then what it and its server say, then windows-1252, which
nearly all mislabelled Western text is.
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE_UTF_16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_NOT_TEXT = frozenset({"idna", "unicode-escape", "raw-unicode-escape", "utf-7"})
"""Python's codecs that no feed is written in, some of them of quadratic cost."""
_DEFAULTS = frozenset({"iso8859-1", "ascii"})
"""What servers add to a Content-Type without knowing better; in truth windows-1252."""
_WESTERN = frozenset({"utf-8", "cp1252", "iso8859-15", *_DEFAULTS})
"""Declared without being looked at, so often that what can be UTF-8 is UTF-8."""

_ODD = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)
_LONGEST_NUMBER = 7
_SURROGATES = re.compile(
    r"&#(?:x(d[89ab][0-9a-f]{2})|(5[5-6]\d{3}));&#(?:x(d[c-f][0-9a-f]{2})|(5[67]\d{3}));",
    re.IGNORECASE,
)

_COMMENT_OR_ROOT = re.compile(r"<!--|<(?:\w+:)?(?:rss|feed|RDF|channel)\b", re.IGNORECASE)


def decoded(body: bytes, content_type: str) -> str:
    """The text; never fails, at worst with replacement characters."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _BARE_UTF_16:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    unmarked = body.removeprefix(codecs.BOM_UTF8)
    for encoding in _candidates(body, content_type):
        text = _utf_8(unmarked) if encoding == "utf-8" else _strictly(unmarked, encoding)
        if text is not None:
            return text
    return unmarked.decode("cp1252", "replace")


def _candidates(body: bytes, content_type: str) -> list[str]:
    """A default of the server's yields to what the document says of itself."""
    if body.startswith(codecs.BOM_UTF8):
        return ["utf-8"]
    in_document = _DECLARED.search(body[:1000])
    in_header = _CHARSET.search(content_type)
    declared = _codec(in_document[1].decode("ascii")) if in_document else None
    charset = _codec(in_header[1]) if in_header else None
    named = [charset, declared]
    if charset in _DEFAULTS and declared is not None:
        named.reverse()
    if declared is None or declared in _WESTERN:
        named.insert(0, "utf-8")
    known = [name for name in named if name is not None]
    return ["cp1252" if name in _DEFAULTS else name for name in (*known, "utf-8")]


def _codec(name: str) -> str | None:
    """An encoding that this document can be in: one in which its declaration reads as it does."""
    try:
        if "<".encode(name) != b"<":
            return None
    except (LookupError, UnicodeError):  # not known, or none of text
        return None
    found = codecs.lookup(name).name
    return None if found in _NOT_TEXT else found


def _utf_8(body: bytes) -> str | None:
    """As UTF-8, unless more of its bytes are odd than well-formed.

    Where only some are, somebody's windows-1252 was pasted into it.
    """
    text = _strictly(body, "utf-8")
    if text is not None:
        return text
    text = _complete(body, "utf-8", "surrogateescape")
    if 2 * len(_ODD.findall(text)) > len(_BEYOND_ASCII.findall(text)):
        return None
    return _ODD.sub(lambda odd: bytes([ord(odd[0]) - 0xDC00]).decode("cp1252", "replace"), text)


def _strictly(body: bytes, encoding: str) -> str | None:
    try:
        return _complete(body, encoding, "strict")
    except UnicodeError:
        return None


def _complete(body: bytes, encoding: str, errors: str) -> str:
    """Without a last character of which some bytes are missing: the answer broke off there."""
    return codecs.getincrementaldecoder(encoding)(errors).decode(body)


def repaired(text: str) -> str:
    """Without the characters that XML forbids, and without anything before the root.

    A document type goes with it. No entity is ever expanded, whatever the root is called.
    """
    text = _ILLEGAL.sub("", text)
    if "&#" in text:
        text = _SURROGATES.sub(_joined, text)
        text = _REFERENCE.sub(_legal, text)
    return text[_root(text) :].replace("<!ENTITY", "<!")


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
        return match[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _legal(match: re.Match[str]) -> str:
    """A reference as it is; nothing for one to what is no character."""
    digits, base = (match[1], 16) if match[1] else (match[2], 10)
    digits = digits.lstrip("0")
    if not digits or len(digits) > _LONGEST_NUMBER:
        return ""
    code = int(digits, base)
    return "" if code > 0x10FFFF or _ILLEGAL.match(chr(code)) else match[0]
