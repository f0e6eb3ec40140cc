"""The cookie that names a session.

On https its name begins with `__Host-`: no other host, subdomain or path can set it
(draft-ietf-httpbis-rfc6265bis §4.1.3.2). Without https a browser would refuse such a name.
"""

from fastapi import Request
from starlette.responses import Response

from app.settings import Settings
from models.domain.access import ABSOLUTE

NAME = "moocfeed"


def name(settings: Settings) -> str:
    return f"__Host-{NAME}" if _is_secure(settings) else NAME


def secret_of(request: Request, settings: Settings) -> str | None:
    """What the browser sent."""
    return request.cookies.get(name(settings)) or None


def give(response: Response, settings: Settings, secret: str) -> None:
    """`SameSite=Lax`: other sites' forms and scripts do not send it, links to us do."""
    response.set_cookie(
        name(settings),
        secret,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        secure=_is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def take(response: Response, settings: Settings) -> None:
    """The browser forgets it."""
    response.delete_cookie(
        name(settings), path="/", secure=_is_secure(settings), httponly=True, samesite="lax"
    )


def _is_secure(settings: Settings) -> bool:
    return settings.public_url.startswith("https://")
