"""The frame of the sample sites' web pages."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from app.demo.loopback import Response

OPENED = datetime(2014, 9, 15, tzinfo=UTC)
"""When pages and pictures that never change are said to have been made."""
_STYLE = (
    "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;"
    "color:#222;background:#fdfcf9}img{max-width:100%;height:auto}"
    "footer{margin-top:4rem;color:#666;font-size:.85rem}"
)
_NOTE = {
    "de": "Eine Beispielseite des moocfeed-Demokurses. Alle Personen und Texte sind erfunden.",
    "en": "A sample page of moocfeed's demo course. All people and texts are invented.",
}


def page(
    title: str,
    body: str,
    *,
    language: str = "de",
    head: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    modified: datetime | None = OPENED,
) -> Response:
    """A whole page; `body` and `head` are markup already, `title` is text.

    A page without a time `modified`, and one that reports an error, has no validators.
    """
    text = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title>{head}<style>{_STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}<footer>{_NOTE[language]}</footer></body></html>\n"
    )
    return Response(text.encode(), status=status, modified=modified, headers=headers or {})


def missing() -> Response:
    return page("Nicht gefunden", "<p>Diese Beispielseite gibt es nicht.</p>", status=404)
