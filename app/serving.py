"""The web service: one process or several, the collector beside it."""

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app import logs, settings, wiring
from app.jobs.child import CollectorChild, end_with_parent
from app.web import create_app
from app.wiring import Services
from models.domain.errors import MoocfeedError

GRACE = 3
"""Seconds that open requests get at the end."""


def serve(
    services: Services, listening: socket.socket, *, workers: int = 1, collect: bool = True
) -> None:
    """Serves on a bound socket until SIGTERM or SIGINT, and closes it."""
    environ = services.settings.environ()
    child = CollectorChild(environ) if collect else None
    with _ended_by_signals():
        if child is not None:
            child.start()
        try:
            if workers == 1:
                _one(services, listening)
            else:
                os.environ.update(environ)
                _many(listening, workers, services.settings.trusted_proxies)
        finally:
            listening.close()
            if child is not None:
                child.stop()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises `MoocfeedError`, naming the port and the mend."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise MoocfeedError(
            f"{host}:{port} cannot be listened on ({error.strerror}):"
            " choose another with --host or --port"
        ) from None
    return listening


def address(listening: socket.socket) -> str:
    """Where a browser on this machine finds the socket."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def application() -> ASGIApp:
    """The app of one of several workers, by the environment."""
    end_with_parent()
    chosen = settings.load()
    logs.configure(chosen.log_format)
    return create_app(wiring.build(chosen))


def _one(services: Services, listening: socket.socket) -> None:
    config = _config(create_app(services), services.settings.trusted_proxies)
    uvicorn.Server(config).run(sockets=[listening])


def _many(listening: socket.socket, workers: int, proxies: str) -> None:
    config = _config("app.serving:application", proxies, workers=workers)
    Multiprocess(config, sockets=[listening]).run()


def _config(app: ASGIApp | str, proxies: str, *, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=GRACE,
    )


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """uvicorn raises the signal that ended it once more: that shall not look like a crash."""
    before = {
        signum: signal.signal(signum, lambda *_: None) for signum in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
