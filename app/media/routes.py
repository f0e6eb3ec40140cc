"""`/media/…`: the pictures that our pages show."""

import asyncio
from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.deps import PostId, ServicesOf, Slug
from app.errors import Problem
from app.media.addresses import original, shelf_name
from app.media.proxy import Busy, Proxy, Wanted
from app.media.shelf import Failed, Owner
from app.requests import read_request
from app.wiring import Services
from collectors.pictures import SETS
from models.domain.errors import NotFound
from models.store import courses, pictures

router = APIRouter(include_in_schema=False)

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "public, max-age=604800, immutable",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""A week, not for ever: what was erased shall leave others' caches, too."""
MISSING: Final = {"Cache-Control": "public, max-age=600"}


@router.get("/media/{course}/{id}/{width}/{name}.webp")
async def show_picture(
    request: Request,
    services: ServicesOf,
    slug: Slug,
    post_id: PostId,
    width: str,
    name: str,
) -> Response:
    """A picture of a visible post, remade. 404 for whatever it does not show."""
    proxy: Proxy = request.app.state.pictures
    wanted = await asyncio.to_thread(_wanted, services, Owner(slug, post_id), width, name)
    try:
        came = await proxy.picture(wanted)
    except Busy:
        raise Problem("unavailable", "Try again in a moment.", {"Retry-After": "5"}) from None
    if isinstance(came, Failed):
        raise Problem("not-found", "The picture cannot be had from where it was.", MISSING)
    return _answer(request, came)


def _wanted(services: Services, owner: Owner, width: str, name: str) -> Wanted:
    """What the address stands for. Raises `NotFound`."""
    if width not in map(str, SETS):
        raise NotFound("there is no such width")
    with services.database.reading() as session:
        course = courses.plain_course(session, owner.course)
        urls = pictures.of_post(session, course, owner.post)
        url = original(name, urls)
    if url is None:
        raise NotFound("the post shows no such picture")
    return Wanted(url, shelf_name(services.settings.secret_key, url), int(width), owner)


def _answer(request: Request, body: bytes) -> Response:
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {**HEADERS, "ETag": etag}
    asked = read_request(request.scope)
    if asked.none_at_all or etag.encode() in asked.none_match:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="image/webp")
