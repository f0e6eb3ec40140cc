"""The web application: API, feeds and pages, with the cache around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from time import time

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from app import errors
from app.api import courses, events, health, me, posts, webmention, websub
from app.api.answers import PREFIX
from app.api.metrics import Metrics
from app.build import fingerprint
from app.cache import Cache
from app.embed import routes as embed
from app.events import limits
from app.events.door import Events
from app.events.ending import told_first
from app.hub import routes as hub
from app.media import routes as media
from app.media.proxy import Proxy
from app.media.shelf import Shelf
from app.media.tidying import Tidying
from app.pages import configurator, embedding, gathered, login, oembed, single, views
from app.pages.problems import as_page
from app.revisions import Revisions
from app.syndication import routes as syndication
from app.wiring import VERSION, Services, fetch_policy

THREADS = 4
"""Of this process, for everything that is not cached: more only wait for each other."""


def create_app(services: Services) -> ASGIApp:
    """The application for these services. The database is not asked before it starts."""
    revisions = Revisions(services.database)
    metrics = Metrics()
    settings = services.settings
    pictures = Proxy(Shelf(settings.data_dir / "media"), fetch_policy(settings), time)
    tidying = Tidying(pictures, services.database, lambda: revisions.of(None))
    edition = (
        *(fingerprint(), settings.public_url, settings.frame_ancestors),
        sha256(settings.secret_key).hexdigest(),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        async with revisions.kept_fresh(), pictures.running(), tidying.going_on():
            with told_first(streams.close):
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
    app.state.pictures = pictures
    errors.install(app, as_page)
    api = APIRouter(prefix=PREFIX)
    for router in (courses.router, posts.router, events.router, me.router):
        api.include_router(router)
    pages = (login, configurator, embedding, oembed, gathered, single, views)
    others = (health, hub, websub, webmention, media, syndication, embed, *pages)
    for router in (api, *(module.router for module in others)):
        app.include_router(router)
    cache = Cache(app, revisions, metrics, repr(edition))
    streams = Events(cache, services.database, revisions, metrics, limits.capacity())
    return streams
