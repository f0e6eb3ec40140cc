"""What may stay: elements, attributes, addresses."""

from typing import Any

PROFILE = 2
"""Version of what `clean` lets through: stored HTML of an older one is cleaned again."""

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "reversed"},
}

TAGS = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure",
    "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p",
    "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "summary",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
})  # fmt: skip

DROPPED = frozenset({
    "applet", "audio", "button", "canvas", "dialog", "embed", "form", "frameset", "head",
    "iframe", "input", "math", "noembed", "noframes", "noscript", "object", "option", "script",
    "select", "style", "svg", "template", "textarea", "title", "video", "xml",
})  # fmt: skip
"""Elements that vanish with what is in them; of all others that are not kept the content stays."""

_BLOCKS = (
    "address", "article", "aside", "center", "fieldset", "footer", "header", "hgroup", "legend",
    "main", "marquee", "nav", "search", "section",
)  # fmt: skip
RENAMED = {
    "h1": "h2",  # the page has its own
    "dir": "ul",
    "menu": "ul",
    "tt": "code",
    "strike": "s",
    **dict.fromkeys(_BLOCKS, "div"),
}
"""Elements that are kept under another name: without one, their paragraphs would run together."""

CLEANER: dict[str, Any] = {
    "tags": TAGS,
    "clean_content_tags": DROPPED,
    "attributes": ATTRIBUTES,
    "url_schemes": {"http", "https", "mailto"},
    "link_rel": "noopener nofollow ugc",
    "set_tag_attribute_values": {"img": {"loading": "lazy"}},
}
