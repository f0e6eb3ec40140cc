"""Making HTML safe."""

import html as entities
import re
from contextvars import ContextVar

import nh3

from models.domain import links
from models.domain.html import mending
from models.domain.html.profile import CLEANER, RENAMED
from models.domain.html.reading import Clean, read
from models.domain.html.text import escape_text, shortened, strip_controls

DEEPEST = 200
"""Levels of nesting beyond which markup is taken for an attack, and only its text is kept."""
FEW_TAGS = 2_000
"""Tags whose nesting does no harm, however deep: the time to read grows with its square."""
MANY_TAGS = 20_000
MANY_REFERENCES = 50_000
"""More than any post has; the sanitiser's time grows with their square."""
LONGEST_TEXT = 100_000
"""Characters that are kept of what is taken for an attack."""
ROUNDS = 4
"""Times that markup is cleaned which browsers would read differently; random tags need two."""

# In ASCII: `ſ` is a small `s` to `re`, and none in the name of an element.
_RENAMED = re.compile(rf"<(/?)((?a:{'|'.join(RENAMED)}))(?![\w-])", re.IGNORECASE)
_CLOSED_BY_OTHERS = (
    r"(?:br|hr|img|input|wbr|col|source|link|meta|area|embed|param|track"
    r"|p|li|dt|dd|tr|td|th|option|rt|rp)[\s/>]"
)
_NESTING = re.compile(rf"<(?!{_CLOSED_BY_OTHERS})[a-z]", re.IGNORECASE)
_UNNESTING = re.compile(rf"</(?!{_CLOSED_BY_OTHERS})[a-z]", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_BLANK_LINES = re.compile(r"(<pre(?: [^>]*)?>)\n+")
_UNWANTED_PICTURE = re.compile(
    r"<img (?=[^>]*\b(?:src=\"mailto:|(?:width|height)=\"[01](?:px)?\"))[^>]*>", re.IGNORECASE
)
"""Tracking pixels, and pictures at an address that is none of the web."""

_base: ContextVar[str | None] = ContextVar("base", default=None)
# Made once, because making it takes longer than cleaning a short post does.
_cleaner = nh3.Cleaner(url_relative=lambda url: links.absolute(url, _base.get()), **CLEANER)


def clean(html: str, base: str | None) -> Clean:
    """Sanitises HTML; relative addresses are resolved against `base`, or dropped without one.

    What is clean stays as it is when cleaned again.
    """
    html = strip_controls(html)
    if _is_attack(html):
        return _text_alone(html)
    if "<" not in html:
        return _of_text(entities.unescape(html))
    html = _RENAMED.sub(_renamed, html)
    if mending.is_needed(html):
        html = strip_controls(mending.mend(html, base))
    safe = _sanitised(html, base)
    if "<" not in safe:
        return _of_text(entities.unescape(safe))
    return _settled(safe) or _text_alone(html)


def _settled(safe: str) -> Clean | None:
    """Sanitised until browsers read what is meant; None where that does not come about."""
    for _ in range(ROUNDS):
        found = read(safe)
        if found is not None:
            return found
        safe = _sanitised(safe, None)
    return None


def _of_text(text: str) -> Clean:
    safe = _sanitised(escape_text(text), None)
    return read(safe) or Clean("", "", (), (), ())


def _text_alone(html: str) -> Clean:
    return _of_text(shortened(entities.unescape(_TAG.sub(" ", html)), LONGEST_TEXT))


def _is_attack(html: str) -> bool:
    """Whether reading it may take quadratic time; the depth of nesting is a rough count."""
    tags = html.count("<")
    if tags > MANY_TAGS or html.count("&") > MANY_REFERENCES:
        return True
    if tags < FEW_TAGS:
        return False
    return len(_NESTING.findall(html)) - len(_UNNESTING.findall(html)) > DEEPEST


def _renamed(match: re.Match[str]) -> str:
    return f"<{match[1]}{RENAMED[match[2].lower()]}"


def _sanitised(html: str, base: str | None) -> str:
    restored = _base.set(base)
    try:
        safe = _cleaner.clean(html)
        if '="lazy" ' in safe or 'ugc" ' in safe:
            # The last attribute takes the place of one that was refused; again, it comes last.
            safe = _cleaner.clean(safe)
    finally:
        _base.reset(restored)
    if "&#" in html:
        safe = strip_controls(safe)
    if "<pre" in safe:
        safe = _BLANK_LINES.sub(r"\1", safe)
    if "<img" in safe:
        safe = _UNWANTED_PICTURE.sub("", safe)
    return safe.strip()
