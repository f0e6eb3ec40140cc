"""HTML from strangers: made safe, and read for its text, links, hashtags and pictures.

`clean` keeps prose, headings, lists, quotes, tables, code, links and pictures; nothing that styles,
runs, asks or frames. What it returns may be shown on a page as it is.
"""

import html as entities
import re
import unicodedata
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
_CLEANER = {
    "tags": _TAGS,
    "clean_content_tags": _DROPPED,
    "attributes": _ATTRIBUTES,
    "url_schemes": {"http", "https", "mailto"},
    "link_rel": "noopener nofollow ugc",
    "set_tag_attribute_values": {"img": {"loading": "lazy"}},
}

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_PIXEL = re.compile(r"\b(?:width|height)=[\"']?[01](?:px)?[\"'\s/>]")
_H1 = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_BLOCK_END = re.compile(
    r"(</(?:p|div|li|h[2-6]|blockquote|tr|td|th|pre|dd|dt|figcaption|figure|ul|ol|table|summary"
    r"|details)>|<br>|<hr>)"
)
_OPENING = re.compile(r"<[a-z]", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_SPACES = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\s*\n\s*")
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
    if _too_deep(html):
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
    root = links.absolute(base, None) if base else None
    relative = ("rewrite_with_base", root) if root else "deny"
    try:
        return nh3.clean(html, url_relative=relative, **_CLEANER).strip()  # type: ignore[arg-type]
    except ValueError:  # a base that the sanitiser's own URL parser does not take
        return nh3.clean(html, url_relative="deny", **_CLEANER).strip()  # type: ignore[arg-type]


def _of_text(text: str) -> Clean:
    return _read(escape_text(text))


def _too_deep(html: str) -> bool:
    """Whether elements may nest so deep that reading them takes quadratic time.

    Counted roughly, and only where there are very many openings: real posts have few.
    """
    if html.count("<") < 20_000:
        return False
    return len(_OPENING.findall(html)) - html.count("</") > DEEPEST


def _read(safe: str) -> Clean:
    body = LexborHTMLParser(_BLOCK_END.sub(r"\1" + "\n", safe)).body
    if body is None:
        return Clean(safe, "", (), (), ())
    text = _tidy(body.text())
    found = tuple(
        dict.fromkeys(
            href
            for node in body.css("a[href]")
            if (href := links.absolute(node.attributes.get("href") or "", None)) is not None
        )
    )
    images = tuple(_image(node) for node in body.css("img[src]"))
    return Clean(safe, text, found, _tags(body, text), images)


def _tidy(text: str) -> str:
    return _GAPS.sub("\n", _SPACES.sub(" ", text)).strip()


def _tags(body: LexborNode, text: str) -> tuple[str, ...]:
    if "#" not in text and "＃" not in text:
        return ()
    coded = body.css("code, pre, kbd, samp")
    if coded:
        for node in coded:
            node.decompose()
        text = body.text()
    return hashtags.extract(text)


def _image(node: LexborNode) -> RawMedia:
    attributes = node.attributes
    return RawMedia(
        url=attributes.get("src") or "",
        alt=attributes.get("alt") or None,
        width=_pixels(attributes.get("width")),
        height=_pixels(attributes.get("height")),
    )


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
        text = _INLINE_TAG.sub("", text)
    return " ".join(strip_controls(text).split())


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
    return _CONTROLS.sub("", text)
