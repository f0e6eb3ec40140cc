"""Plain text: out of markup, into markup, and shortened."""

import html as entities
import re
import unicodedata

from selectolax.lexbor import LexborHTMLParser

LONGEST_LINE = 10_000
"""Characters of markup that are read for one line of text: a title, a name."""

_BREAK = re.compile(
    r"<(?=/?(?:blockquote|br|caption|d[dlt]|details|div|fig(?:caption|ure)|h[1-6r]|img|li|ol|p|pre"
    r"|summary|t[dhr]|table|ul)\b)"
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|br|p|sup|sub|code|font|small)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://(?:[^\s<>\"'()“”„«»]|\([^\s<>\"'()“”„«»]*\))+(?<![.,;:!?\]*_…])")
_UNSEEN = [
    "iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "template",
    "textarea", "title", "xmp",
]  # fmt: skip
"""Elements whose content is no prose; within most of them tags would be text."""
_PARAGRAPHS = re.compile(r"\n\s*\n")
_JOINER = "\u200d"
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_CONTINUING = re.compile(f"[{_JOINER}{_SKIN_TONES}]")


def strip_controls(text: str) -> str:
    """Without what no database and no page should hold: NUL, controls, lone surrogates."""
    # Titles, names and tags are printable as a rule, which takes a third of the time to see.
    return text if text.isprintable() else _CONTROLS.sub("", text)


def with_breaks(html: str) -> str:
    """HTML with a line's end wherever words end at a tag although no space stands there."""
    # A line's end alone would vanish behind `<pre>`.
    return _BREAK.sub(" \n<", html)


def plain(markup: str) -> str:
    """Markup or text as one line of plain text; what was escaped twice is read twice."""
    text = strip_controls(markup[:LONGEST_LINE])
    if "<" in text or "&" in text:
        text = _text_of(text)
        if _ENTITY.search(text):
            text = entities.unescape(text)
        text = _INLINE_TAG.sub("", text)
    return " ".join(strip_controls(text).split())


def _text_of(markup: str) -> str:
    if "<" not in markup:
        return entities.unescape(markup)
    tree = LexborHTMLParser(with_breaks(markup))
    tree.strip_tags(_UNSEEN, recursive=True)
    return tree.body.text() if tree.body is not None else ""


def escape_text(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, addresses become links."""
    paragraphs = _PARAGRAPHS.split(strip_controls(text).strip())
    return "".join(f"<p>{_linked(part)}</p>" for part in paragraphs if part.strip())


def _linked(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        url = entities.escape(match.group())
        pieces += (entities.escape(text[at : match.start()], quote=False), _link(url))
        at = match.end()
    pieces.append(entities.escape(text[at:], quote=False))
    return "".join(pieces).replace("\n", "<br>")


def _link(url: str) -> str:
    return f'<a href="{url}" rel="noopener nofollow ugc">{url}</a>'


def excerpt(text: str, limit: int = 300) -> str:
    """The beginning of a text as one line, at most `limit` characters, cut between words."""
    line = " ".join(text[: 2 * limit].split())
    if len(line) <= limit:
        line = " ".join(text.split())
    if len(line) <= limit:
        return line
    end = _boundary(line, limit - 1)
    cut = line[:end]
    words = cut.rpartition(" ")[0] if line[end] != " " else cut
    return (words if len(words) > limit // 2 else cut).rstrip(" ,;:–-") + "…"


def shortened(text: str, limit: int) -> str:
    """The text, or its beginning with an ellipsis: `limit` characters at the most."""
    return text if len(text) <= limit else text[: _boundary(text, limit - 1)].rstrip() + "…"


def _boundary(text: str, at: int) -> int:
    """The last place up to `at` that is not within a combining sequence."""
    while at > 0 and (_continues(text[at]) or text[at - 1] == _JOINER):
        at -= 1
    return at


def _continues(char: str) -> bool:
    return unicodedata.category(char).startswith("M") or bool(_CONTINUING.match(char))
