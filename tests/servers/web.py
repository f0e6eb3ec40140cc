"""Services that answer over HTTP on loopback, or in memory: the same function for both."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from collectors.contract import SECRET, Ask, Batch, Collector, Reply
from collectors.http import HttpError
from models.domain.source import SourceSpec


@dataclass(frozen=True)
class Request:
    """A request as a service sees it."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""

    def value(self, name: str) -> str | None:
        return self.query.get(name, [None])[0]

    @property
    def token(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" else None


@dataclass(frozen=True)
class Response:
    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Callable[[BaseHTTPRequestHandler], None] | None = None
    """Writes in place of the body, for as long as it likes."""


def as_json(value: Any, status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(json.dumps(value).encode(), status, headers=named)


Answer = Callable[[Request], Response]


@dataclass
class Served:
    """A service at its address."""

    origin: str
    requests: list[Request] = field(default_factory=list)

    @property
    def netloc(self) -> str:
        return urlsplit(self.origin).netloc

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


@contextlib.contextmanager
def served(answer: Answer, host: str = "127.0.0.1", port: int = 0) -> Iterator[Served]:
    """Over HTTP on loopback, in threads, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = _request(self.command, self.path, headers, self.rfile.read(size))
            made.requests.append(request)
            response = answer(request)
            self.send_response(response.status)
            self.send_header("Content-Type", response.kind)
            if response.stream is None:
                self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            if response.stream is not None:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(response.body)
            if response.stream is not None:
                response.stream(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    made = Served(f"http://{host}:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _request(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    parts = urlsplit(target)
    return Request(method, parts.path, parse_qs(parts.query), headers, body)


def asked(answer: Answer, ask: Ask, token: str | None = None) -> Reply:
    """In memory, as the fetcher would: statuses that the ask does not read raise `HttpError`."""
    headers = {name.lower(): value for name, value in ask.headers.items()}
    body = ask.body or b""
    if token is not None and ask.with_secret:
        if SECRET.encode() in body:
            body = body.replace(SECRET.encode(), token.encode())
        else:
            headers["authorization"] = f"Bearer {token}"
    headers["host"] = urlsplit(ask.url).netloc
    response = answer(_request(ask.method, ask.url, headers, body))
    if response.status >= 400 and response.status not in ask.answers:
        raise HttpError(response.status, headers["host"])
    named = {name.lower(): value for name, value in response.headers.items()}
    return Reply(ask.url, response.status, named, response.body)


@dataclass
class Run:
    """What a run over a source brought, and where it left off."""

    batches: list[Batch] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)

    @property
    def cursor(self) -> Mapping[str, Any]:
        return self.batches[-1].cursor

    @property
    def ids(self) -> list[str]:
        return [post.external_id for batch in self.batches for post in batch.posts]

    @property
    def excluded(self) -> list[tuple[str, str, str | None]]:
        return [each for batch in self.batches for each in batch.excluded]


def run(collector: Collector, source: SourceSpec, answer: Answer, token: str | None = None) -> Run:
    """One run over a source, in memory, as the pipeline goes about it."""
    made = Run()
    for _ in range(60):
        ask = collector.ask(source)
        made.asks.append(ask)
        batch = collector.parse(source, asked(answer, ask, token))
        made.batches.append(batch)
        if not batch.more:
            return made
        token = batch.bearer or token
        source = replace(source, cursor=json.loads(json.dumps(batch.cursor)))
    raise AssertionError(f"{source.url} never ends")
