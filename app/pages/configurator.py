"""The page that makes what an editor pastes: choose, look, copy. Without script it is a form."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.api.deps import Reading, ServicesOf
from app.api.query import Text
from app.languages import LANGUAGES
from app.pages import problems, render
from app.pages.framing import ShownCourse, course_page
from app.pages.listing import Addresses, Language, PageQuery
from app.pages.look import Layout, Look, Media, Theme
from app.pages.snippets import SANDBOX, snippets
from models.store import courses

router = APIRouter(include_in_schema=False, tags=[problems.TAG])


class ChoiceQuery(Look):
    """The attributes, and the language of the page."""

    ui: Language = None
    source: Annotated[list[Text], Field(max_length=30, default_factory=list)]
    """As a form sends several: one by one."""

    def chosen(self) -> Look:
        sources = ",".join([*self.source, self.sources or ""])
        given = self.model_dump(exclude={"ui", "source"})
        return Look.model_validate(given | {"sources": sources})


@router.get("/{course}/embed")
def show_configurator(
    request: Request,
    session: Reading,
    services: ServicesOf,
    row: ShownCourse,
    query: Annotated[ChoiceQuery, Query()],
) -> Response:
    """What to paste into a homepage, and how it will look there, wide and narrow."""
    course, settings, look = row.course, services.settings, query.chosen()
    path = f"/{course.slug}/embed"
    given = look.given()
    values = {
        "look": look,
        "codes": snippets(settings.public_url, course, look),
        "preview": look.address(course),
        "sandbox": SANDBOX,
        "shows_preview": _may_frame_itself(settings.frame_ancestors, settings.public_url),
        "sources": courses.public_sources(session, row),
        "layouts": tuple(Layout),
        "themes": tuple(Theme),
        "medias": tuple(Media),
        "path": path,
        "translated": {code: f"{path}?{urlencode({**given, 'ui': code})}" for code in LANGUAGES},
    }
    addresses = Addresses(course, None, PageQuery(ui=query.ui))
    headers = render.headers(script_src="'self'", connect_src="'self'", frame_src="'self'")
    return course_page(
        request, row, query.ui, "configurator.html", addresses, values, headers=headers
    )


def _may_frame_itself(ancestors: str, public_url: str) -> bool:
    """Whether our own pages may show the embedded one."""
    return bool({"*", "'self'", public_url} & set(ancestors.split()))
