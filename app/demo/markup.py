"""From the sample's plain texts to the HTML that blogs and instances publish.

A text is paragraphs with empty lines between them; lines that begin with `- ` make a list, `> ` a
quotation. Within a line, `` `…` `` is code, `[[key]]` links another post, an address is a link.
"""

import re
from collections.abc import Callable
from html import escape

Link = Callable[[str], tuple[str, str]]
"""From a post's key to its address and title."""

_INLINE = re.compile(r"`(?P<code>[^`]+)`|\[\[(?P<key>[^\]]+)\]\]|(?P<url>https?://[^\s<>]+[\w/])")


def blog_html(text: str, link: Link) -> str:
    """Prose as a blog shows it; links bear titles."""
    return "\n".join(_block(block, link, _titled) for block in _blocks(text))


def status_html(text: str, link: Link) -> str:
    """Prose as an instance shows it; links bear their address."""
    return "".join(_block(block, link, _addressed) for block in _blocks(text))


def plain(text: str, link: Link) -> str:
    """Without any markup; links are addresses."""
    return _INLINE.sub(
        lambda found: link(found["key"])[0] if found["key"] else found["code"] or found["url"],
        " ".join(text.split()),
    )


def _blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\s*\n", text.strip()) if block]


def _block(block: str, link: Link, name: Callable[[str, str], str]) -> str:
    lines = block.splitlines()
    if all(line.startswith("- ") for line in lines):
        items = (f"<li>{_inline(line[2:], link, name)}</li>" for line in lines)
        return f"<ul>{''.join(items)}</ul>"
    if all(line.startswith("> ") for line in lines):
        quoted = " ".join(line[2:] for line in lines)
        return f"<blockquote><p>{_inline(quoted, link, name)}</p></blockquote>"
    return f"<p>{_inline(' '.join(lines), link, name)}</p>"


def _inline(text: str, link: Link, name: Callable[[str, str], str]) -> str:
    parts: list[str] = []
    at = 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[at : found.start()], quote=False))
        at = found.end()
        if found["code"]:
            parts.append(f"<code>{escape(found['code'], quote=False)}</code>")
        else:
            url, title = link(found["key"]) if found["key"] else (found["url"], found["url"])
            parts.append(f'<a href="{escape(url)}">{name(url, title)}</a>')
    return "".join([*parts, escape(text[at:], quote=False)])


def _titled(url: str, title: str) -> str:
    return escape(title, quote=False)


def _addressed(url: str, title: str) -> str:
    scheme, _, rest = url.partition("://")
    return f'<span class="invisible">{scheme}://</span><span>{escape(rest, quote=False)}</span>'
