"""The cached page beside nginx, which serves the same bytes from a file; and 304 likewise."""

import http.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import psutil

from benchmarks import sites
from benchmarks.corpus.published import SLUG
from benchmarks.figures import Limit, Size, Table, seconds, times
from benchmarks.installation import Installation
from benchmarks.load import CONNECTIONS, generator, put_on
from benchmarks.many import filled
from benchmarks.run import Run
from benchmarks.service import serving

POSTS = {Size.FULL: 10_000, Size.QUICK: 1000, Size.TINY: 100}
SECONDS = {Size.FULL: 3, Size.QUICK: 1, Size.TINY: 1}
PATH = f"/api/v1/courses/{SLUG}/posts?limit=20"
FILE = "/page.json"


@dataclass(frozen=True, slots=True)
class _Target:
    """A server, and what it is asked for."""

    name: str
    port: int
    path: str
    pid: int
    etag: str


@dataclass(frozen=True, slots=True)
class _Figure:
    """Of one server under load."""

    rate: float
    """Requests a second."""
    cpu: float
    """Seconds of its own for each."""


def run(run: Run) -> Iterable[Table]:
    """Two tables: whole pages, and 304."""
    run.say("serving")
    installation = Installation(run.scratch("serve"), filled.sqlite(run, run.of(POSTS)))
    folder = run.scratch("pages")
    with serving(installation) as service:
        page = service.get(PATH, {})
        (folder / FILE.lstrip("/")).write_bytes(page.body)
        with sites.serving(folder, ["127.0.0.1"], run.scratch("server") / "state") as server:
            targets = (
                _Target("moocfeed", service.port, PATH, service.process.pid, page.headers["etag"]),
                _Target(server.name, server.port, FILE, server.pid, _etag(server.port)),
            )
            note = f"{len(page.body) / 1e3:.1f} kB from one worker each, {CONNECTIONS} connections"
            yield _compared(run, "A cached page", note, targets, validated=False)
            yield _compared(run, "304 Not Modified", note, targets, validated=True)


def _etag(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", FILE)
    etag = connection.getresponse().headers["ETag"]
    connection.close()
    return str(etag)


def _compared(
    run: Run, title: str, note: str, targets: tuple[_Target, _Target], *, validated: bool
) -> Table:
    found: Mapping[str, list[_Figure]] = {target.name: [] for target in targets}
    for number in range(run.rounds_or(3)):
        run.say(f"{title}, round {number + 1}")
        for target in targets:
            found[target.name].append(_measured(target, run.of(SECONDS), validated=validated))
    own, peer = (_middle(figures) for figures in found.values())
    rate, cpu = own.rate / peer.rate, peer.cpu / own.cpu
    return Table(
        title,
        ("", "requests a second", "CPU a request"),
        [
            (name, f"{figure.rate:,.0f}", seconds(figure.cpu))
            for name, figure in zip(found, (own, peer), strict=True)
        ]
        + [("ratio", times(rate), times(cpu))],
        notes=[f"{note}, load by {generator()}"],
        limits=[
            Limit("requests a second beside nginx's", rate, 0.5, at_least=True, binding=False),
            Limit("requests for the same CPU time", cpu, 0.5, at_least=True, binding=False),
        ],
    )


def _measured(target: _Target, duration: int, *, validated: bool) -> _Figure:
    headers = {"If-None-Match": target.etag} if validated else {}
    before = _cpu(target.pid)
    load = put_on(target.port, target.path, headers, duration)
    return _Figure(load.requests / load.seconds, (_cpu(target.pid) - before) / load.requests)


def _cpu(pid: int) -> float:
    """Seconds of a process and its children, as they are."""
    process = psutil.Process(pid)
    spent = [each.cpu_times() for each in (process, *process.children())]
    return sum(each.user + each.system for each in spent)


def _middle(figures: list[_Figure]) -> _Figure:
    return _Figure(median(each.rate for each in figures), median(each.cpu for each in figures))
