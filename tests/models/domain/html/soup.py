"""Markup made at random: tags in any order, hostile lines, texts that look like either."""

from hypothesis import strategies as st

from tests.models.domain.html.inspecting import ALLOWED, lines

_OTHERS = (
    "address", "annotation-xml", "applet", "article", "aside", "audio", "base", "big", "body",
    "button", "center", "desc", "dialog", "dir", "embed", "fieldset", "font", "foreignObject",
    "form", "frame", "frameset", "h1", "head", "header", "html", "iframe", "image", "input",
    "keygen", "label", "legend", "link", "listing", "main", "map", "marquee", "math", "menu",
    "meta", "mglyph", "mi", "mtext", "nav", "nobr", "noembed", "noscript", "object", "optgroup",
    "option", "picture", "plaintext", "portal", "script", "section", "select", "source",
    "strike", "style", "svg", "template", "textarea", "title", "tt", "video", "xml", "xmp",
    "x-y",
)  # fmt: skip
_VALUES = st.one_of(
    st.text(st.characters(), max_size=6),
    st.sampled_from(
        [
            *("https://a.example/x", "/rel", "#x", "mailto:a@b.example", "data:,x"),
            *("javascript:ran()", "JaVa\nscript:ran()", "1", "0", "100%", "de", "rtl", "x y"),
            *("</p>", "<!--", "&quot;"),
        ]
    ),
)
_NAMES = st.sampled_from([
    "href", "src", "cite", "title", "lang", "dir", "width", "height", "alt", "start", "onclick",
    "onerror", "style", "class", "id", "name", "rel", "loading", "target", "srcset", "data-src",
    "data-lazy-src", "srcdoc", "action", "formaction", "xlink:href", "colspan", "datetime",
    "open",
])  # fmt: skip
_TAGS = st.sampled_from([*ALLOWED, *_OTHERS])
_QUOTES = st.sampled_from(['"', "'", ""])


@st.composite
def _opening(draw: st.DrawFn) -> str:
    parts = [draw(_TAGS)]
    for name in draw(st.lists(_NAMES, max_size=4)):
        quote = draw(_QUOTES)
        parts.append(f"{name}={quote}{draw(_VALUES)}{quote}")
    return f"<{' '.join(parts)}>"


_TEXT = st.one_of(
    st.text(st.characters(), max_size=8),
    st.sampled_from(
        [
            *("<", ">", "&", "&lt;", "&amp;lt;", "&#1;", "&#0;", "&nbsp;", "<!--", "-->", "]]>"),
            *("<![CDATA[", "<?x", "</", "<!x>", "\x00", "\u2028", "\n", "`", "#tag"),
            "https://a.example/x",
        ]
    ),
)
_PIECE = st.one_of(
    _opening(),
    _opening(),
    _TAGS.map(lambda tag: f"</{tag}>"),
    _TEXT,
    st.sampled_from(lines("hostile.txt")),
)

soups = st.lists(_PIECE, max_size=10).map("".join)
bases = st.sampled_from([None, "https://base.example/a/b", "not an address"])
