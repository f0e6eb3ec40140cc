"""The cache in front of the application: public answers as bytes, by course revision.

Bare ASGI, so that an answer that is known costs no routing, no thread and no query. What an answer
depends on is its key (edition, the course's version and local day, path, query, language, coding);
the ETag follows from the key and is compared before anything is rendered.
"""

import asyncio
import gzip
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.metrics import Metrics
from app.methods import allowed_at
from app.requests import Asked, read_request, without_tracking
from app.revisions import Revisions

LIMIT = 8 * 1024 * 1024
"""Bytes of answers that are kept, for each process: compressed, a thousand of them."""
LEAST_COMPRESSED = 1024
CONTROL = b"public, max-age=30, stale-while-revalidate=60"
_CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link"),
]
_PREFLIGHT = [
    *_CORS,
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"If-None-Match, Last-Event-ID"),
    (b"access-control-max-age", b"86400"),
]
"""Of other origins: pages elsewhere may read, whatever servers may send here."""
_NEVER = frozenset({b"etag", b"cache-control", b"vary"})

log = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Answer:
    """A whole response, in the forms that were asked for."""

    status: int
    headers: Headers
    body: bytes | None
    """None where nobody has asked for other than the compressed form."""
    zipped: bytes | None = None
    counted: int = 0
    """Its bytes as the shelf has counted them."""

    @property
    def size(self) -> int:
        return len(self.body or b"") + len(self.zipped or b"") + 1024

    async def plain(self) -> bytes:
        """The body; kept from now on."""
        if self.body is None:
            assert self.zipped is not None  # one of both is always there
            self.body = gzip.decompress(self.zipped)
        return self.body

    async def compressed(self) -> bytes | None:
        """The body compressed by gzip; None where that is not worth it."""
        if self.zipped is None:
            body = await self.plain()
            if len(body) < LEAST_COMPRESSED:
                return None
            self.zipped = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
        return self.zipped


@dataclass(slots=True)
class Shelf:
    """Answers by key, the longest unused are dropped first."""

    answers: OrderedDict[bytes, Answer] = field(default_factory=OrderedDict)
    size: int = 0

    def get(self, key: bytes) -> Answer | None:
        answer = self.answers.get(key)
        if answer is not None:
            self.answers.move_to_end(key)
        return answer

    def put(self, key: bytes, answer: Answer) -> None:
        """Keeps it, or counts it anew where it has grown."""
        if (known := self.answers.pop(key, None)) is not None:
            self.size -= known.counted
        if answer.size > LIMIT // 8:
            return
        self.answers[key] = answer
        answer.counted = answer.size
        self.size += answer.counted
        while self.size > LIMIT:
            self.size -= self.answers.popitem(last=False)[1].counted


class Cache:
    """The application with its cache; answers HEAD, OPTIONS and slashes too many as well.

    `edition` is what all answers depend on: the program and its settings.
    """

    def __init__(
        self, app: ASGIApp, revisions: Revisions, metrics: Metrics, edition: str = ""
    ) -> None:
        self._app = app
        self._edition = edition
        self._revisions = revisions
        self._metrics = metrics
        self._shelf = Shelf()
        self._rendering: dict[bytes, asyncio.Task[Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = without_tracking(scope)
        asked = read_request(scope)
        if scope["method"] == "OPTIONS":
            allowed = (b"allow", allowed_at(scope["path"]).encode())
            await _send(send, Answer(204, [*_PREFLIGHT, allowed], b""), asked)
        elif scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
        elif asked.slashless is not None:
            await _send(send, _moved(asked.slashless), asked)
        elif (key := self._key(asked)) is None:
            await self._pass(scope, asked, send)
        else:
            await self._serve(scope, asked, key, send)

    def _key(self, asked: Asked) -> bytes | None:
        """None for whatever is not cached."""
        if not asked.is_public:
            return None
        version = self._revisions.of(asked.slug)
        if version is None:
            return None
        parts = (self._edition, version, asked.path, asked.query, asked.language)
        return blake2b(repr(parts).encode(), digest_size=12).hexdigest().encode()

    async def _serve(self, scope: Scope, asked: Asked, key: bytes, send: Send) -> None:
        etag = b'"' + key + (b'-gzip"' if asked.gzip else b'"')
        validated = _validated(etag, asked)
        if etag in asked.none_match:
            self._metrics.cached.inc()
            await _send(send, Answer(304, validated, b""), asked)
            return
        answer = self._shelf.get(key)
        is_new = answer is None
        if answer is None:
            answer = await self._rendered(scope, key)
        else:
            self._metrics.cached.inc()
        if answer.status != 200:
            await _send(send, Answer(answer.status, answer.headers + _CORS, answer.body), asked)
            return
        if asked.none_at_all:
            await _send(send, Answer(304, validated, b""), asked)
            return
        headers = [*answer.headers, *validated]
        body = await self._body(key, answer, zipped=asked.gzip, is_new=is_new)
        if body is answer.zipped:
            headers.append((b"content-encoding", b"gzip"))
        await _send(send, Answer(200, headers, body), asked)

    async def _body(self, key: bytes, answer: Answer, *, zipped: bool, is_new: bool) -> bytes:
        """In the form asked for, which is kept."""
        body = await answer.compressed() if zipped else None
        if body is None:
            body = await answer.plain()
        elif is_new:
            answer.body = None  # browsers and feed readers all take the other
        if answer.counted != answer.size:
            self._shelf.put(key, answer)
        return body

    async def _rendered(self, scope: Scope, key: bytes) -> Answer:
        """Rendered once, however many wait for it; one who leaves takes nothing away."""
        task = self._rendering.get(key)
        if task is None:
            task = asyncio.create_task(self._render(scope, key))
            self._rendering[key] = task
            task.add_done_callback(lambda _: self._rendering.pop(key, None))
        return await asyncio.shield(task)

    async def _render(self, scope: Scope, key: bytes) -> Answer:
        answer = await self._call(scope)
        if answer.status == 200:
            answer.headers = [pair for pair in answer.headers if pair[0] not in _NEVER]
            self._shelf.put(key, answer)
        return answer

    async def _pass(self, scope: Scope, asked: Asked, send: Send) -> None:
        """Straight through: operators' addresses, files, and whoever brings credentials."""
        answer = await self._call(scope)
        names = {name for name, _ in answer.headers}
        if asked.has_credentials:
            answer.headers = [pair for pair in answer.headers if pair[0] not in _NEVER]
            names -= _NEVER
        if b"cache-control" not in names:
            answer.headers.append((b"cache-control", b"no-store"))
        await _send(send, Answer(answer.status, answer.headers + _CORS, answer.body), asked)

    async def _call(self, scope: Scope) -> Answer:
        """The application's whole answer to a GET."""
        started = time.perf_counter()
        answer = Answer(500, [], b"")
        body: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                headers = ((name.lower(), value) for name, value in message["headers"])
                answer.headers = [pair for pair in headers if pair[0] != b"content-length"]
            elif message["type"] == "http.response.body":
                body.append(message.get("body", b""))

        try:
            await self._app({**scope, "method": "GET"}, _nothing_more, collect)
        except Exception:
            # Starlette answers, then raises again for the server's log.
            if answer.status != 500 or not body:
                raise
            log.exception("a request failed")
        answer.body = b"".join(body)
        self._metrics.seconds.observe(time.perf_counter() - started)
        self._metrics.requests.labels("rendered", str(answer.status)).inc()
        return answer


def _moved(place: bytes) -> Answer:
    headers = [(b"location", place), (b"cache-control", CONTROL), *_CORS]
    return Answer(308, headers, b"")


async def _nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _validated(etag: bytes, asked: Asked) -> Headers:
    vary = b"Accept-Encoding" if asked.language is None else b"Accept-Encoding, Accept-Language"
    return [(b"etag", etag), (b"cache-control", CONTROL), (b"vary", vary), *_CORS]


async def _send(send: Send, answer: Answer, asked: Asked) -> None:
    headers = list(answer.headers)
    if answer.status not in {204, 304}:
        headers.append((b"content-length", str(len(answer.body or b"")).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if asked.is_head else answer.body or b""
    await send({"type": "http.response.body", "body": body})
