"""Who asks, as the service sees them."""

from fastapi import APIRouter
from starlette.responses import Response

from app.access.identity import Identity, KnownUser
from app.api import examples, schemas
from app.api.answers import described, json
from app.api.deps import PLAIN, Reading
from models.domain.access import may_facilitate
from models.store import courses

router = APIRouter(tags=["facilitators"])


@router.get(
    "/me",
    responses=described(schemas.Me, examples.ME, 401, 422),
    dependencies=PLAIN,
    summary="Who I am",
)
def show_me(identity: KnownUser, session: Reading) -> Response:
    """The user of the session or token, their courses, and what this way of asking may do."""
    slugs = sorted(
        course.slug
        for course in courses.settings(session).values()
        if may_facilitate(identity.user, course.slug)
    )
    return json(_document(identity, slugs), {"Cache-Control": "no-store"})


def _document(identity: Identity, slugs: list[str]) -> dict[str, object]:
    user, token = identity.user, identity.token
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role.value,
        "courses": slugs,
        "authenticated_by": "session" if token is None else "token",
        "token": None if token is None else {"id": token.id, "name": token.name},
        "scope": identity.scope.value,
    }
