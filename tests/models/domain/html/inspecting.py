"""What HTML holds, by parsers that the code under test has nothing to do with."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from lxml import html as lxml_html

FIXTURES = Path(__file__).parents[3] / "fixtures" / "html"
_ESCAPES = re.compile(r"\\(u[0-9a-f]{4}|[ntrf0\\])")
_CHARACTERS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "0": "\0", "\\": "\\"}

Element = tuple[str, dict[str, str]]
"""Name and attributes."""

_BARE = (
    "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "ins", "kbd", "li", "mark", "p", "pre", "q", "rp", "rt", "ruby", "s",
    "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "tfoot",
    "thead", "tr", "u", "ul", "var", "wbr",
)  # fmt: skip
ALLOWED: dict[str, set[str]] = {
    **{name: set() for name in _BARE},
    "a": {"href", "rel"},
    "img": {"src", "alt", "width", "height", "loading"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed"},
}
"""Elements with the attributes that are theirs."""
ANYWHERE = {"lang", "dir", "title"}
SCHEMES = {"href": {"http", "https", "mailto"}, "src": {"http", "https"}}


def lines(name: str) -> list[str]:
    """A fixture's lines without its comments."""
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [
        _ESCAPES.sub(_unescaped, line)
        for line in text.split("\n")
        if line and not line.startswith("# ")
    ]


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code.startswith("u") else _CHARACTERS[code]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.others: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def by_html_parser(html: str) -> list[Element]:
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.others == []
    return parser.elements


def by_lxml(html: str) -> list[Element]:
    if not html.strip():
        return []
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    found: list[Element] = []
    for element in root.iterdescendants():
        assert isinstance(element.tag, str), element
        found.append((element.tag, {str(name): str(v) for name, v in element.attrib.items()}))
    return found


def offences(html: str) -> list[str]:
    """Everything in it that may not be there."""
    return sorted({*_offences(by_html_parser(html)), *_offences(by_lxml(html))})


def _offences(elements: list[Element]) -> Iterator[str]:
    for tag, attributes in elements:
        if tag not in ALLOWED:
            yield f"<{tag}>"
            continue
        for name, value in attributes.items():
            if name not in ALLOWED[tag] | ANYWHERE:
                yield f"<{tag} {name}>"
            elif name in SCHEMES and _scheme(value) not in SCHEMES[name]:
                yield f"<{tag} {name}={value}>"


def _scheme(url: str) -> str:
    """As browsers see it: they drop leading blanks, and line breaks and tabs within."""
    seen = re.sub(r"[\t\r\n]", "", url).lstrip("".join(map(chr, range(0x21))))
    match = re.match(r"([a-z][a-z0-9+.-]*):", seen, re.IGNORECASE)
    return match[1].lower() if match else ""
