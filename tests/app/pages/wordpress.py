"""What WordPress does with a provider it does not know, in words of our own.

After `discover` and `fetch` of its `class-wp-oembed.php`, and `wp_filter_oembed_result` in its
`embed.php` (6.x).
"""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

KEPT = {
    "a": {"href"},
    "blockquote": set[str](),
    "iframe": {
        *("src", "width", "height", "frameborder", "marginwidth", "marginheight"),
        *("scrolling", "title"),
    },
}


def discovered(html: str) -> str | None:
    """The address that it asks: of the first such link before the head's end."""
    head = html[: html.lower().find("</head>")]
    for link in re.findall(r"<link([^<>]+)/?>", head, re.IGNORECASE):
        attributes = LexborHTMLParser(f"<link {link}>").css_first("link")
        assert attributes is not None
        if attributes.attributes.get("type") == "application/json+oembed":
            return attributes.attributes.get("href")
    return None


def asked(provider: str, url: str, width: int = 640, height: int = 960) -> str:
    """The path with the query it sends: its own words beside what stands there."""
    parts = urlsplit(provider)
    own = {"maxwidth": str(width), "maxheight": str(height), "url": url, "dnt": "1"}
    query = dict(parse_qsl(parts.query)) | own | {"format": "json"}
    return f"{parts.path}?{urlencode(query)}"


def filtered(html: str, secret: str = "abcdefghij") -> str | None:
    """What is left of the answer's HTML on the page; None where nothing is."""
    left = "".join(_kept(html))
    found = re.search(r"(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)", left, re.S)
    if found is None:
        return None
    quote, frame = found.group(1) or "", found.group(2)
    frame = re.sub(r' src="([^"]*)"', rf' src="\1#?secret={secret}" data-secret="{secret}"', frame)
    hidden = ' style="position: absolute; visibility: hidden;"' if quote else ""
    own = (
        f'<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted"{hidden}'
    )
    quote = quote.replace(
        "<blockquote>", f'<blockquote class="wp-embedded-content" data-secret="{secret}">'
    )
    return quote + frame.replace("<iframe", own)


def _kept(html: str) -> list[str]:
    body = LexborHTMLParser(html).body
    assert body is not None
    return [_tag(node) for node in body.iter(include_text=True)]


def _tag(node: LexborNode) -> str:
    if node.tag == "-text":
        return node.html or ""
    inner = "".join(_tag(child) for child in node.iter(include_text=True))
    if node.tag not in KEPT:
        return inner
    probe = LexborHTMLParser(f"<{node.tag}></{node.tag}>").css_first(str(node.tag))
    assert probe is not None
    for name, value in node.attributes.items():
        if name in KEPT[node.tag]:
            probe.attrs[name] = value
    opening = (probe.html or "").partition("</")[0]
    return f"{opening}{inner}</{node.tag}>"
