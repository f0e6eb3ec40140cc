"""What embedded pages ask for: the module, by version for ever, and a course's QR code."""

from io import BytesIO

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.deps import ChosenCourse, ServicesOf
from app.embed.module import ADDRESS, Module, module
from app.requests import Asked, read_request

router = APIRouter(include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600, immutable"
"""Without its version, the address shows a new release an hour later."""
ANYWHERE = {"Cross-Origin-Resource-Policy": "cross-origin", "X-Content-Type-Options": "nosniff"}


@router.get(ADDRESS)
def show_module(request: Request, v: str = "") -> Response:
    """The element's module. `v` is the version that the page was written for."""
    made, asked = module(), read_request(request.scope)
    etag = f'"{made.digest}{"-gzip" if asked.gzip else ""}"'
    headers = ANYWHERE | {
        "Cache-Control": FOR_EVER if v == made.digest else FOR_AN_HOUR,
        "ETag": etag,
        "Vary": "Accept-Encoding",
    }
    if asked.none_at_all or etag.encode() in asked.none_match:
        return Response(status_code=304, headers=headers)
    return _script(made, asked, headers)


@router.get("/embed/v1/qr/{course}.svg")
def show_qr_code(course: ChosenCourse, services: ServicesOf) -> Response:
    """The address of the course's page, for cameras (ISO/IEC 18004), dark on white."""
    address = f"{services.settings.public_url}/{course.course.slug}"
    image = BytesIO()
    segno.make(address, error="m", micro=False).save(
        image, kind="svg", xmldecl=False, omitsize=True, light="#fff"
    )
    headers = ANYWHERE | {
        "Cache-Control": "public, max-age=86400",
        "Content-Security-Policy": "default-src 'none'",
    }
    return Response(image.getvalue(), headers=headers, media_type="image/svg+xml")


def _script(made: Module, asked: Asked, headers: dict[str, str]) -> Response:
    if asked.gzip:
        headers = headers | {"Content-Encoding": "gzip"}
    return Response(
        made.zipped if asked.gzip else made.body, headers=headers, media_type="text/javascript"
    )
