"""HTML from strangers: made safe, and read for its text, links, hashtags and pictures.

`clean` keeps prose, headings, lists, quotes, tables, code, links and pictures; nothing that styles,
runs, asks or frames. What it returns may be shown on a page as it is.
"""

import html as entities
import re
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from models.domain import hashtags, links
from models.domain.post import RawMedia

PROFILE = 1
"""Version of what `clean` lets through: stored HTML of an older one is cleaned again."""

DEEPEST = 200
"""Levels of nesting beyond which markup is taken for an attack, and only its text is kept."""
_MANY = 20_000
"""Tags or references from which on markup is looked at closely: hardly a post has so many."""

_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed"},
}
_TAGS = {
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "wbr",
}
_DROPPED = {
    "applet",
    "audio",
    "button",
    "canvas",
    "dialog",
    "embed",
    "form",
    "frameset",
    "head",
    "iframe",
    "input",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "video",
    "xml",
}
_base = threading.local()
"""`.url`: what relative addresses are resolved against while this thread cleans, or None."""


def _resolved(url: str) -> str | None:
    return links.absolute(url, _base.url) if _base.url else None


_CLEANER = nh3.Cleaner(  # made once: reading the lists costs more than cleaning a short post
    tags=_TAGS,
    clean_content_tags=_DROPPED,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    url_relative=_resolved,
    link_rel="noopener nofollow ugc",
    set_tag_attribute_values={"img": {"loading": "lazy"}},
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])
_PIXEL = re.compile(r"\b(?:width|height)=[\"']?[01](?:px)?[\"'\s/>]")
_H1 = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_BLOCK_END = re.compile(
    r"(</(?:p|div|li|h[2-6]|blockquote|tr|td|th|pre|dd|dt|figcaption|figure|ul|ol|table|summary"
    r"|details)>|<br>|<hr>)"
)
_OPENING = re.compile(r"<[a-z]", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_TAG = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_POINTING = re.compile(r'<(a|img) ([^<>"]*(?:"[^"]*"[^<>"]*)*)>')
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_CODED = re.compile(r"<(?:code|pre|kbd|samp)\b")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|br|p|sup|sub|code|font|small)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_VIDEO_PATHS = {
    "youtube.com": re.compile(r"/embed/(?P<id>[\w-]{6,20})"),
    "youtube-nocookie.com": re.compile(r"/embed/(?P<id>[\w-]{6,20})"),
    "player.vimeo.com": re.compile(r"/video/(?P<id>\d+)"),
}
_PEERTUBE = re.compile(r"/videos/embed/(?P<id>[\w-]{8,40})")


@dataclass(frozen=True, slots=True)
class Clean:
    """Markup made safe, and what it says."""

    html: str
    text: str
    """Visible text; blocks end with a newline."""
    links: tuple[str, ...]
    """Absolute http(s) addresses it links to, each once, in order."""
    hashtags: tuple[str, ...]
    """Folded hashtags of the visible text outside of code."""
    images: tuple[RawMedia, ...]


def clean(html: str, base: str | None) -> Clean:
    """Sanitises HTML; relative addresses are resolved against `base`, or dropped without one."""
    html = strip_controls(html)
    if "<" not in html and "&" not in html:
        return _of_text(html)
    if html.count("&") > _MANY:
        html = _ENTITY.sub(_spelled, html)
    if _too_deep(html) or html.count("&") > _MANY:
        return _of_text(entities.unescape(re.sub(r"<[^<>]*>", " ", html)))
    lowered = html.lower()
    if _is_unusual(lowered):
        html = _mended(html, base)
    if "<h1" in lowered:
        html = _H1.sub(r"<\1h2", html)
    safe = _sanitised(html, base)
    return _read(safe)


def _is_unusual(lowered: str) -> bool:
    if "<iframe" in lowered:
        return True
    return "<img" in lowered and ("data-" in lowered or _PIXEL.search(lowered) is not None)


def _sanitised(html: str, base: str | None) -> str:
    _base.url = links.absolute(base, None) if base else None
    return _CLEANER.clean(html).strip()


def _of_text(text: str) -> Clean:
    return _read(escape_text(text))


def _too_deep(html: str) -> bool:
    """Whether elements may nest so deep that reading them takes quadratic time.

    Counted roughly, and only where there are very many openings: real posts have few.
    """
    if html.count("<") < _MANY:
        return False
    return len(_OPENING.findall(html)) - html.count("</") > DEEPEST


def _spelled(reference: re.Match[str]) -> str:
    """The character meant, unless it is one of markup: many references take nh3 quadratic time."""
    meant = entities.unescape(reference[0])
    return reference[0] if any(char in "<>&\"'" for char in meant) else meant


def _read(safe: str) -> Clean:
    """Reads what `_sanitised` wrote: as every `<` and `"` of its texts is escaped, by patterns."""
    text = _tidy(entities.unescape(_TAG.sub("", _BLOCK_END.sub(r"\1" + "\n", safe))))
    found: dict[str, None] = {}
    images: list[RawMedia] = []
    for name, inner in _POINTING.findall(safe):
        attributes = {key: entities.unescape(value) for key, value in _ATTRIBUTE.findall(inner)}
        if name == "img":
            images += _images(attributes)
        elif (href := links.absolute(attributes.get("href", ""), None)) is not None:
            found[href] = None
    return Clean(safe, text, tuple(found), _tags(safe, text), tuple(images))


def _tidy(text: str) -> str:
    """One space between words, one newline between lines, none of them empty."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _tags(safe: str, text: str) -> tuple[str, ...]:
    if "#" not in text and "＃" not in text:
        return ()
    if _CODED.search(safe) is not None:
        text = _text_without_code(safe)
    return hashtags.extract(_ADDRESS.sub(" ", text))


def _text_without_code(safe: str) -> str:
    body = LexborHTMLParser(_BLOCK_END.sub(r"\1" + "\n", safe)).body
    if body is None:
        return ""
    for node in body.css("code, pre, kbd, samp"):
        node.decompose()
    return body.text()


def _images(attributes: Mapping[str, str]) -> list[RawMedia]:
    if "src" not in attributes:
        return []
    width, height = (_pixels(attributes.get(name)) for name in ("width", "height"))
    return [RawMedia(attributes["src"], "image", attributes.get("alt") or None, width, height)]


def _pixels(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else None


def _mended(html: str, base: str | None) -> str:
    """Videos in frames become links, lazily loaded pictures plain ones; tracking pixels vanish."""
    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    for frame in body.css("iframe"):
        video = _video(frame.attributes.get("src") or frame.attributes.get("data-src") or "", base)
        if video is None:
            frame.decompose()
        else:
            frame.replace_with(video)
    for image in body.css("img"):
        if _is_pixel(image):
            image.decompose()
        else:
            _use_lazy_source(image)
    return body.inner_html or ""


def _is_pixel(image: LexborNode) -> bool:
    sizes = (image.attributes.get(name) or "" for name in ("width", "height"))
    return any(size.removesuffix("px") in {"0", "1"} for size in sizes)


def _use_lazy_source(image: LexborNode) -> None:
    source = image.attributes.get("src") or ""
    for name in ("data-src", "data-lazy-src", "data-orig-src", "data-original-src"):
        later = image.attributes.get(name)
        if later and (not source or source.startswith("data:") or later != source):
            image.attrs["src"] = later
            return


def _video(src: str, base: str | None) -> LexborNode | None:
    """A paragraph with a link to the video that a frame shows, where the host is known."""
    url = links.absolute(src, base)
    if url is None:
        return None
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    picture = ""
    if (known := _VIDEO_PATHS.get(host)) and (match := known.match(parts.path)):
        if host == "player.vimeo.com":
            target = f"https://vimeo.com/{match['id']}"
        else:
            target = f"https://www.youtube.com/watch?v={match['id']}"
            picture = f'<img src="https://i.ytimg.com/vi/{match["id"]}/hqdefault.jpg" alt="">'
    elif match := _PEERTUBE.match(parts.path):
        target = f"https://{parts.netloc}/w/{match['id']}"
    else:
        return None
    label = entities.escape(f"Video: {urlsplit(target).hostname}")
    markup = f'<p><a href="{entities.escape(target)}">{picture}{label}</a></p>'
    body = LexborHTMLParser(markup).body
    return body.child if body is not None else None


def plain(markup: str) -> str:
    """Markup or text as one line of plain text; what was escaped twice is read twice."""
    text = strip_controls(markup)
    if "<" in text or "&" in text:
        text = _text_of(text)
        if _ENTITY.search(text):
            text = entities.unescape(text)
        text = strip_controls(_INLINE_TAG.sub("", text))
    return " ".join(text.split())


def _text_of(markup: str) -> str:
    if "<" not in markup:
        return entities.unescape(markup)
    if _too_deep(markup):
        return entities.unescape(re.sub(r"<[^<>]*>", " ", markup))
    tree = LexborHTMLParser(_BLOCK_END.sub(r"\1 ", markup))
    tree.strip_tags(["script", "style", "title", "template"], recursive=True)
    return tree.body.text() if tree.body is not None else ""


def escape_text(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, addresses become links."""
    paragraphs = re.split(r"\n\s*\n", strip_controls(text).strip())
    return "".join(f"<p>{_linked(part)}</p>" for part in paragraphs if part.strip())


def _linked(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        pieces.append(entities.escape(text[at : match.start()]))
        url = entities.escape(match.group())
        pieces.append(f'<a href="{url}" rel="noopener nofollow ugc">{url}</a>')
        at = match.end()
    pieces.append(entities.escape(text[at:]))
    return "".join(pieces).replace("\n", "<br>")


def excerpt(text: str, limit: int = 300) -> str:
    """The beginning of a text as one line, at most `limit` characters, cut between words."""
    line = " ".join(text[: 2 * limit].split())
    if len(line) <= limit < len(text):  # it was mostly spaces
        line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    while cut and unicodedata.combining(line[len(cut)]):
        cut = cut[:-1]
    words = cut.rpartition(" ")[0] if line[len(cut)] != " " else cut
    return (words if len(words) > limit // 2 else cut).rstrip(" ,;:–-") + "…"


def strip_controls(text: str) -> str:
    """Without what no database and no page should hold: NUL, controls, lone surrogates."""
    return _CONTROLS.sub("", text) if not text.isprintable() and _has_controls(text) else text


def _has_controls(text: str) -> bool:
    """Quicker than the pattern, which has to look at each character of a long text."""
    try:
        encoded = text.encode()
    except UnicodeEncodeError:
        return True
    return (
        len(encoded.translate(None, _CONTROL_BYTES)) != len(encoded)
        or "\ufffe" in text
        or "\uffff" in text
    )
