"""Where the login leads to: addresses of this service, and no others."""

import re
from urllib.parse import urlencode

from fastapi import Request

LOGIN, LOGOUT = "/login", "/logout"
LONGEST = 2000
_OWN = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Printable ASCII without a backslash, which browsers take for a slash: none begins a host."""


def own_path(text: str) -> str | None:
    """The path with its query, if it is one of ours."""
    return text if len(text) <= LONGEST and _OWN.fullmatch(text) else None


def login_address(request: Request) -> str:
    """Of the login that leads back to what was asked for, if that can be asked for again."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method not in {"GET", "HEAD"} or own_path(here) is None:
        return LOGIN
    return f"{LOGIN}?{urlencode({'return_to': here})}"
