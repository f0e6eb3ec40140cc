"""Templates, their words and their filters, and the headers of a page."""

from datetime import datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from app.languages import LANGUAGES
from app.pages import content
from app.pages.translations import translations

DAY = {"de": "d. MMMM", "en": "d MMMM"}
HERE = Path(__file__).parent
CSP = "; ".join(
    [
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@cache
def environment(language: str) -> Environment:
    """The templates in one language. A name that is missing is an error, not an empty string."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    words = translations(language)
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]
    picture = words.gettext("Picture")
    made.filters |= {
        "day": lambda value: format_date(value, DAY[language], language),
        "last_day": lambda week: week.ends_on - timedelta(days=1),
        "moment": lambda value, zone: _moment(value, zone, language),
        "iso": lambda value: value.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "shown": lambda html: content.shown(html, picture),
        "host": lambda url: urlsplit(url).hostname or url,
        "query": urlencode,
        "language_name": lambda code: _language_name(code, language),
    }
    made.globals |= {
        "ui": language,
        "languages": LANGUAGES,
        "style": f"/static/{style_name()}",
        "direction": Locale.parse(language).text_direction,
    }
    return made


def page(language: str, template: str, *, code: int = 200, **values: Any) -> Response:
    """A page. `code` is its HTTP status, `values` are the template's names."""
    text = environment(language).get_template(template).render(**values)
    return Response(
        text, code, headers=HEADERS | {"Content-Language": language}, media_type="text/html"
    )


@cache
def style_name() -> str:
    """The style sheet's name with its content in it, so that it can be kept for ever."""
    return f"site.{blake2b(style(), digest_size=5).hexdigest()}.css"


@cache
def style() -> bytes:
    return (HERE / "static" / "site.css").read_bytes()


def _moment(value: datetime, zone: ZoneInfo, language: str) -> str:
    local = value.astimezone(zone)
    if language == "de":
        return format_datetime(local, "d. MMMM y, HH:mm 'Uhr'", locale="de")
    return format_datetime(local, "d MMMM y, HH:mm", locale="en_GB")


def _language_name(code: str, language: str) -> str:
    try:
        return Locale.parse(code).get_display_name(language) or code
    except ValueError:
        return code
