"""Templates, their words and their filters, and the headers of a page."""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from app.languages import LANGUAGES
from app.pages import content, dates, static
from app.pages.translations import translations
from app.syndication.channel import author_of
from app.syndication.content import beside
from app.syndication.titles import title_of
from models.domain.course import Course
from models.domain.links import is_web_url

TEMPLATES = Path(__file__).parent / "templates"
READABLE = 80
"""Characters of an address that is shown as its own title."""
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""What a page may load and who may frame it, by CSP's directives."""


def headers(**directives: str) -> dict[str, str]:
    """Of a page whose policy has these directives beside `POLICY`, or instead: `script_src`."""
    own = {name.replace("_", "-"): value for name, value in directives.items()}
    return {
        "Content-Security-Policy": "; ".join(" ".join(pair) for pair in (POLICY | own).items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


HEADERS = headers()


def framed(ancestors: str) -> dict[str, str]:
    """Of a page in other sites' frames: its script asks us for more, whatever its origin is."""
    return headers(script_src="'self'", connect_src="'self'", frame_ancestors=ancestors)


@cache
def environment(language: str) -> Environment:
    """The templates in one language. A name that is missing is an error, not an empty string."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = translations(language)
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    picture, show = words.gettext("Picture"), words.gettext("Show picture")
    made.filters |= dates.filters(language)
    made.filters |= {
        "shown": lambda post, pictures, below: content.shown(
            post.content_html, partial(pictures.sources, post), picture, below
        ),
        "beside": beside,
        "unpictured": content.unpictured,
        "closed": lambda html: content.closed(html, show, picture),
        "host": lambda url: urlsplit(url).netloc or url,
        "plain_url": _plain_url,
        "author": author_of,
        "titled": partial(title_of, words=words),
        "lang": _lang,
        "own": _own,
        "language_name": lambda code: _language_name(code, language),
    }
    made.globals |= {
        "ui": language,
        "languages": {code: _language_name(code, code).capitalize() for code in LANGUAGES},
        "static": static.address,
        "sizes": content.SIZES,
        "locale": dates.LOCALES[language],
        "direction": Locale.parse(language).text_direction,
    }
    return made


def page(
    language: str,
    template: str,
    *,
    code: int = 200,
    headers: Mapping[str, str] = HEADERS,
    **values: Any,
) -> Response:
    """A page. `code` is its HTTP status, `values` are the template's names."""
    text = environment(language).get_template(template).render(**values)
    own = {**headers, "Content-Language": language}
    return Response(text, code, headers=own, media_type="text/html")


def _lang(written: Any, language: str) -> Markup:
    """The attribute for what is written in another language than the page around it."""
    if not written.language or written.language == language:
        return Markup("")
    return Markup(' lang="{}"').format(written.language)


def _own(course: Course, language: str) -> Markup:
    """The attributes for what stands in a course's file: its language, and which way that runs."""
    try:
        runs = Locale.parse(course.language, sep="-").text_direction
    except (ValueError, UnknownLocaleError):
        runs = "auto"
    if runs == Locale.parse(language).text_direction:
        return _lang(course, language)
    return _lang(course, language) + Markup(' dir="{}"').format(runs)


def _plain_url(text: str) -> str:
    """An address as people read it; what is none stays as it is."""
    if not is_web_url(text):
        return text
    plain = text.partition("://")[2].removeprefix("www.").rstrip("/")
    return plain if len(plain) <= READABLE else f"{plain[:READABLE]}…"


def _language_name(code: str, language: str) -> str:
    try:
        return Locale.parse(code, sep="-").get_display_name(language) or code
    except (ValueError, UnknownLocaleError):
        return code
