"""`moocfeed demo`."""

import logging
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import logs, settings, wiring
from app.cli.collect import run_once
from app.cli.common import Json, echo_json, note
from app.cli.summary import failure, sentences
from app.clock import now
from app.settings import ConfigError, Settings
from app.wiring import Services
from collectors.summary import Summary
from models.domain import coursefile
from models.store import applying, schema

if TYPE_CHECKING:
    from app.demo.servers import SampleWeb

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")]
Once = Annotated[bool, typer.Option("--once", help="Collect, print the summary, and end.")]


def demo(port: Port = 8000, once: Once = False, as_json: Json = False) -> None:
    """A complete sample course: sample blogs and instances on loopback, collected and served."""
    from app.demo.servers import SampleWeb

    base = settings.load()
    logs.configure(base.log_format, level=logging.ERROR)
    listening = None if once else _listen(port)
    with SampleWeb() as web:
        services = wiring.build(_settings(base, web, listening))
        slug = _prepare(services, web)
        summary = run_once(services, every=True)
        unplanned = _report(summary, web, as_json=as_json)
        if listening is None:
            raise typer.Exit(3 if unplanned else 0)
        _serve(services, listening, slug)


def _listen(port: int) -> socket.socket:
    from app import serving

    return serving.listen("127.0.0.1", port)


def _settings(base: Settings, web: "SampleWeb", listening: socket.socket | None) -> Settings:
    """The operator's own, on a database made anew, with the sample sites allowed."""
    folder = base.data_dir / "demo"
    _empty(folder)
    own = {"DATA_DIR": str(folder), "DATABASE_URL": "", "FETCH_ALLOW": web.allow()}
    if listening is not None:
        own["PUBLIC_URL"] = f"http://127.0.0.1:{listening.getsockname()[1]}"
    prefixed = {settings.PREFIX + name: value for name, value in own.items()}
    return settings.load({**base.environ(), **prefixed})


def _empty(folder: Path) -> None:
    """Takes away what the last demo left; raises `ConfigError` where it is something else."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / "moocfeed.db").exists():
        raise ConfigError(
            f"{folder} holds something that no demo has made: move it away, or set"
            " MOOCFEED_DATA_DIR to another folder"
        )
    shutil.rmtree(folder)


def _prepare(services: Services, web: "SampleWeb") -> str:
    schema.migrate(services.database)
    file = coursefile.parse(web.course_toml())
    with services.database.writing() as session:
        applying.apply(session, file, now())
    note(f"A sample course: its {len(file.sources)} sources are sample sites, served on loopback.")
    return file.course.slug


def _report(summary: Summary, web: "SampleWeb", *, as_json: bool) -> int:
    """Prints the summary; returns how many sources failed that were not meant to."""
    if as_json:
        echo_json(summary.as_json())
    else:
        typer.echo(sentences(summary))
    urls = set(web.planned_failures())
    planned = [done for done in summary.failures if done.source.url in urls]
    unplanned = [done for done in summary.failures if done.source.url not in urls]
    if planned:
        note("These fail on purpose, to show how that looks:")
    for done in planned:
        note(f"    {failure(done)}")
    for done in unplanned:
        note(f"Failed: {failure(done)}")
    return len(unplanned)


def _serve(services: Services, listening: socket.socket, slug: str) -> None:
    from app import serving

    def announce(address: str) -> None:
        note("")
        note(f"The sample course:  {address}{slug}   (German or English)")
        note(f"as a feed:          {address}{slug}/feed.atom")
        note(f"as JSON:            {address}api/v1/courses/{slug}/posts")
        note("Ctrl+C ends it; the next start makes everything anew.")

    serving.serve(services, listening, announce=announce, level=logging.ERROR)
