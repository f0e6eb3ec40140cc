"""The web application: API, feeds and pages, with the cache around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from app import errors
from app.api import courses, health, posts, webmention, websub
from app.api.answers import PREFIX
from app.api.metrics import Metrics
from app.build import fingerprint
from app.cache import Cache
from app.embed import routes as embed
from app.pages import views
from app.pages.problems import as_page
from app.revisions import Revisions
from app.syndication import routes as syndication
from app.wiring import VERSION, Services

THREADS = 4
"""Of this process, for everything that is not cached: more only wait for each other."""


def create_app(services: Services) -> ASGIApp:
    """The application for these services. The database is not asked before it starts."""
    revisions = Revisions(services.database)
    metrics = Metrics()
    settings = services.settings
    edition = (fingerprint(), settings.public_url, sha256(settings.secret_key).hexdigest())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        async with revisions.kept_fresh():
            yield
        services.database.dispose()

    app = FastAPI(
        title="moocfeed",
        version=VERSION,
        description="The posts of an open online course, from all its participants' places.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}],
    )
    app.state.services = services
    app.state.metrics = metrics
    errors.install(app, as_page)
    api = APIRouter(prefix=PREFIX)
    for router in (courses.router, posts.router):
        api.include_router(router)
    others = (health, websub, webmention, syndication, embed, views)
    for router in (api, *(module.router for module in others)):
        app.include_router(router)
    return Cache(app, revisions, metrics, repr(edition))
