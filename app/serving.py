"""The web service: one process or several, the collector beside it."""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app import logs, settings, wiring
from app.events import limits
from app.jobs.child import CollectorChild, end_with_parent
from app.web import create_app
from app.wiring import Services
from models.domain.errors import MoocfeedError

GRACE = 3
"""Seconds that open requests get at the end."""


def serve(
    services: Services,
    listening: socket.socket,
    *,
    announce: Callable[[str], None],
    workers: int = 1,
    collect: bool = True,
    level: int = logging.INFO,
) -> None:
    """Serves on a bound socket until SIGTERM or SIGINT, and closes it.

    `announce` is given the address, once these signals end it cleanly. The collector logs from
    `level` on; how this process logs is set already.
    """
    limits.raise_descriptors()
    environ = services.settings.environ()
    child = CollectorChild(environ, level=level) if collect else None
    with _ending() as ending:
        announce(address(listening))
        if child is not None:
            child.start()
        try:
            if workers == 1:
                _one(services, listening, ending)
            else:
                os.environ.update(environ)
                _many(listening, workers, services.settings.trusted_proxies, ending)
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


class Ending:
    """SIGTERM and SIGINT where uvicorn does not take them: before it runs, and again afterwards.

    It raises the signal that ended it once more, which shall not look like a crash.
    """

    def __init__(self) -> None:
        self._asked = False
        self._stop: Callable[[], None] | None = None

    def ask(self, *_: object) -> None:
        """The signals' handler."""
        self._asked = True
        if self._stop is not None:
            self._stop()

    def ends(self, stop: Callable[[], None]) -> None:
        """`stop` is called when it is time to end; at once, if that came before."""
        self._stop = stop
        if self._asked:
            stop()


def _one(services: Services, listening: socket.socket, ending: Ending) -> None:
    config = _config(create_app(services), services.settings.trusted_proxies)
    server = uvicorn.Server(config)
    ending.ends(lambda: setattr(server, "should_exit", True))
    server.run(sockets=[listening])


def _many(listening: socket.socket, workers: int, proxies: str, ending: Ending) -> None:
    config = _config("app.serving:application", proxies, workers=workers)
    supervisor = Multiprocess(config, sockets=[listening])
    ending.ends(supervisor.should_exit.set)
    supervisor.run()


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
def _ending() -> Iterator[Ending]:
    ending = Ending()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = {signum: signal.signal(signum, ending.ask) for signum in signals}
    try:
        yield ending
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
