"""What operators watch: is the process there, is it ready, what are its numbers."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api import examples, schemas
from app.api.answers import described, json
from app.api.deps import ServicesOf
from app.api.metrics import Metrics
from app.errors import Problem
from models.store import schema

router = APIRouter(tags=["operation"])


@router.get(
    "/healthz", responses={200: described(schemas.Health, examples.HEALTH)[200]}, summary="Process"
)
def health() -> Response:
    """The process answers."""
    return json({"status": "ok"}, {"Cache-Control": "no-store"})


@router.get("/readyz", responses=described(schemas.Health, examples.HEALTH), summary="Readiness")
def ready(services: ServicesOf) -> Response:
    """The database answers and has the newest schema."""
    try:
        state = schema.check(services.database)
    except schema.SchemaError as error:
        raise Problem("unavailable", f"{error}.") from None
    if not state.ok:
        raise Problem("unavailable", f"{state.message}.")
    return json({"status": "ok"}, {"Cache-Control": "no-store"})


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, services: ServicesOf) -> Response:
    """Prometheus' text format."""
    numbers: Metrics = request.app.state.metrics
    body, content_type = numbers.render(services.database)
    return Response(body, headers={"Cache-Control": "no-store", "Content-Type": content_type})
