"""Requests that another site made a browser send (CSRF), told from our own.

Two layers behind `SameSite=Lax`: where the request says that it comes from (`Sec-Fetch-Site`, else
`Origin`), which every browser says with a POST and no page can forge; and a token in forms, as a
form is what another site can send without asking. JSON it cannot: that takes a preflight, and we
allow none.
"""

from collections.abc import Mapping
from hmac import compare_digest

from fastapi import Request

from app.access.forms import media_type
from app.errors import Problem
from app.settings import Settings
from models.domain.identity import keyed_hash

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD, HEADER = "form_token", "x-form-token"
"""Where the token stands: in a form, or beside what a script sends."""
JSON = "application/json"


def form_token(settings: Settings, secret: str) -> str:
    """Of the session with this secret, which does not follow from it."""
    return keyed_hash(settings.secret_key, f"form {secret}")


def check_origin(request: Request, settings: Settings) -> None:
    """Raises `Problem` where another site sent this."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        is_own = site in {"same-origin", "none"}
    else:
        # Neither header: no browser of these years, so nobody's cookies are misused.
        origin = request.headers.get("origin")
        is_own = origin is None or origin in _own_origins(request, settings)
    if not is_own:
        raise Problem("forbidden", "Another site sent this; send it from a page of this service.")


def check_token(
    request: Request, fields: Mapping[str, str], settings: Settings, secret: str
) -> None:
    """Raises `Problem` where a request with a session could be another site's form."""
    if request.method != "POST" or media_type(request) == JSON:
        return
    given = request.headers.get(HEADER) or fields.get(FIELD, "")
    if not compare_digest(given.encode(), form_token(settings, secret).encode()):
        raise Problem(
            "forbidden", "This form is no longer valid; load its page anew, then send it."
        )


def _own_origins(request: Request, settings: Settings) -> frozenset[str]:
    """As the outside names us, and as this browser does: the host it asked is no page's choice."""
    host = request.headers.get("host", "")
    return frozenset({settings.public_url, f"{request.url.scheme}://{host}"})
