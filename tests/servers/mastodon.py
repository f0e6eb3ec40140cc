"""An instance that speaks Mastodon's REST and streaming API as far as hashtags need it.

Written from the published reference: https://docs.joinmastodon.org/methods/timelines/ ·
/methods/statuses/ · /methods/streaming/ · /api/rate-limits/ · /entities/Status/. Its switches are
the differences between servers that speak the same API.
"""

import contextlib
import json
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from tests.servers.web import Request, Response, Served, as_json, served

MOST = 40
WINDOW = timedelta(minutes=5)
NOT_FOUND = as_json({"error": "Record not found"}, 404)
TOKEN_REFUSED = as_json({"error": "The access token is invalid"}, 401)
CLOSED = None


@dataclass(frozen=True)
class Differences:
    """How this server departs from Mastodon's own."""

    batch: bool = True
    """`statuses?id[]=` is there (4.3); else 405."""
    link_header: bool = True
    anonymous: int | None = None
    """The status by which anonymous readers are refused (401, 403, 422, 400)."""
    html_404: bool = False
    """Whatever is not there is a web page."""
    replies_listed: bool = True
    """Replies stand in a hashtag's timeline."""
    keeps_untagged: bool = False
    """A status stays in the timeline after an edit took its hashtag out."""
    event_stream: bool = True
    """Streams over HTTP; else by WebSocket only."""
    stream_refused: int | None = None
    """The status by which it refuses to stream to this token."""
    limit: int | None = None
    """Requests in five minutes, for everybody together."""


@dataclass
class Instance:
    """Accounts, statuses in the order they arrived, and whoever listens."""

    domain: str = "social.example"
    differences: Differences = Differences()
    token: str = "a-token"
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    streaming: str | None = None
    """What `configuration.urls.streaming` says."""
    asked: int = 0
    listeners: "list[tuple[str, queue.SimpleQueue[bytes | None]]]" = field(default_factory=list)
    opened: int = 0
    """Streams so far."""
    _next: int = 1000
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # What people do.

    def post(self, text: str, *, told: bool = True, **fields: Any) -> dict[str, Any]:
        """A status of the account `muster`, unless `fields` say otherwise."""
        with self._lock:
            self._next += 1
            id_ = str(fields.pop("id", self._next))
        account = {**self._account(fields.pop("user", "muster")), **fields.pop("account", {})}
        status = {
            "id": id_,
            "uri": f"https://{self.domain}/users/{account['username']}/statuses/{id_}",
            "url": f"https://{self.domain}/@{account['username']}/{id_}",
            "created_at": datetime.now(UTC).isoformat(),
            "edited_at": None,
            "visibility": "public",
            "account": account,
            "in_reply_to_id": None,
            "reblogs_count": 0,
            "replies_count": 0,
            **_content(text),
            **fields,
        }
        self.statuses[id_] = status
        if (parent := self.statuses.get(status["in_reply_to_id"] or "")) is not None:
            parent["replies_count"] += status["visibility"] in {"public", "unlisted"}
        if told and status["visibility"] == "public":
            self.tell("update", json.dumps(status), tags=_tags(status))
        return status

    def edit(self, id_: str, text: str, *, told: bool = True) -> None:
        """Streams know hashtags as they are after the edit."""
        status = self.statuses[id_]
        status |= {**_content(text), "edited_at": datetime.now(UTC).isoformat()}
        if told:
            self.tell("status.update", json.dumps(status), tags=_tags(status))

    def delete(self, id_: str, *, told: bool = True) -> None:
        status = self.statuses.pop(id_)
        if told:
            self.tell("delete", id_, tags=_tags(status))

    def tell(self, event: str, data: str, *, tags: set[str]) -> None:
        """Everybody who listens to one of these hashtags."""
        for tag, listener in list(self.listeners):
            if tag in tags:
                listener.put(f"event: {event}\ndata: {data}\n\n".encode())

    def cut(self) -> None:
        """Breaks off all streams."""
        for _, listener in list(self.listeners):
            listener.put(CLOSED)

    # What it answers.

    def answer(self, request: Request) -> Response:
        self.asked += 1
        limit = self.differences.limit
        if limit is not None and self.asked > limit:
            reset = (datetime.now(UTC) + WINDOW).isoformat()
            limits = {"X_RateLimit_Limit": str(limit), "X_RateLimit_Remaining": "0"}
            return as_json({"error": "Too many requests"}, 429, **limits, X_RateLimit_Reset=reset)
        return self._routed(request)

    def _routed(self, request: Request) -> Response:
        path = request.path
        if request.token is not None and request.token != self.token:
            return TOKEN_REFUSED
        if path in {"/api/v1/instance", "/api/v2/instance"}:
            return self._about(path)
        if path.startswith("/api/v1/streaming"):
            return self._stream(request)
        if (status := self.differences.anonymous) is not None and request.token is None:
            return as_json({"error": "This method requires an authenticated user"}, status)
        if path.startswith("/api/v1/timelines/tag/"):
            return self._timeline(request)
        if path == "/api/v1/statuses":
            return self._several(request)
        if path.startswith("/api/v1/statuses/"):
            return self._one(path.removeprefix("/api/v1/statuses/"))
        return self._missing()

    def _missing(self) -> Response:
        if self.differences.html_404:
            return Response(b"<!doctype html><h1>404</h1>", 404, "text/html")
        return NOT_FOUND

    def _about(self, path: str) -> Response:
        about: dict[str, Any] = {"domain": self.domain, "uri": self.domain, "version": "4.5.0"}
        if path == "/api/v2/instance" and self.streaming is not None:
            about["configuration"] = {"urls": {"streaming": self.streaming}}
        return as_json(about)

    def _timeline(self, request: Request) -> Response:
        tag = unquote(request.path.removeprefix("/api/v1/timelines/tag/"))
        wanted = {tag, *request.query.get("any[]", [])}
        found = [status for status in self._newest_first() if self._lists(status, wanted)]
        limit = min(int(request.value("limit") or 20), MOST)
        if top := request.value("max_id"):
            found = [status for status in found if _order(status["id"]) < _order(top)]
        for name in ("since_id", "min_id"):
            if bottom := request.value(name):
                found = [status for status in found if _order(status["id"]) > _order(bottom)]
        page = found[-limit:] if request.value("min_id") else found[:limit]
        headers = {}
        if self.differences.link_header and page:
            headers["Link"] = f'<https://{self.domain}{request.path}?max_id=1>; rel="next"'
        return as_json(page, 200, **headers)

    def _newest_first(self) -> list[dict[str, Any]]:
        return sorted(self.statuses.values(), key=lambda each: _order(each["id"]), reverse=True)

    def _lists(self, status: Mapping[str, Any], wanted: set[str]) -> bool:
        if status["visibility"] != "public":
            return False
        if status["in_reply_to_id"] and not self.differences.replies_listed:
            return False
        kept = self.differences.keeps_untagged and status["edited_at"] is not None
        return kept or not wanted.isdisjoint(_tags(status))

    def _several(self, request: Request) -> Response:
        if not self.differences.batch:
            return as_json({"error": "Method not allowed"}, 405)
        found = [self.statuses.get(id_) for id_ in request.query.get("id[]", [])[:20]]
        return as_json([each for each in found if each and each["visibility"] != "direct"])

    def _one(self, rest: str) -> Response:
        id_, _, part = rest.partition("/")
        status = self.statuses.get(id_)
        if status is None or part not in {"", "context"}:
            return self._missing()
        if not part:
            return as_json(status)
        return as_json({"ancestors": [], "descendants": self._descendants(id_)})

    def _descendants(self, id_: str) -> list[dict[str, Any]]:
        own = [each for each in self.statuses.values() if each["in_reply_to_id"] == id_]
        shown = [each for each in own if each["visibility"] != "direct"]
        return [one for each in shown for one in (each, *self._descendants(each["id"]))]

    def _stream(self, request: Request) -> Response:
        if request.token is None:
            return as_json({"error": "Missing access token"}, 401)
        if (status := self.differences.stream_refused) is not None:
            return as_json({"error": "Access token does not have the required scopes"}, status)
        if not self.differences.event_stream or request.path != "/api/v1/streaming/hashtag":
            return self._missing()
        tag = request.value("tag") or ""

        def write(handler: BaseHTTPRequestHandler) -> None:
            with contextlib.suppress(OSError), self.listening(tag) as heard:
                handler.wfile.write(b":)\n")
                while (data := heard.get()) is not CLOSED:
                    handler.wfile.write(data)

        return Response(kind="text/event-stream", stream=write)

    @contextlib.contextmanager
    def listening(self, tag: str) -> "Iterator[queue.SimpleQueue[bytes | None]]":
        heard: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.listeners.append((tag, heard))
        self.opened += 1
        try:
            yield heard
        finally:
            self.listeners.remove((tag, heard))

    def _account(self, user: str) -> dict[str, Any]:
        return {
            "id": user,
            "username": user,
            "acct": user,
            "display_name": f"{user.capitalize()} (Beispiel)",
            "url": f"https://{self.domain}/@{user}",
            "note": "",
        }


@contextlib.contextmanager
def instance(made: Instance, port: int = 0) -> Iterator[Served]:
    """Over HTTP on loopback, under its address: what it posts from now on comes from there."""
    with served(made.answer, port=port) as server:
        made.domain = server.netloc
        if made.streaming is None:
            made.streaming = server.origin.replace("http", "ws", 1)
        try:
            yield server
        finally:
            made.cut()


@contextlib.contextmanager
def websockets(made: Instance, before: Sequence[str] = ()) -> Iterator[str]:
    """The instance's streams over WebSocket, on a port of their own; their address. `before` are
    messages that come first.
    """

    def tell(connection: ServerConnection) -> None:
        request = connection.request
        assert request is not None
        if request.headers.get("Authorization") != f"Bearer {made.token}":
            connection.close()
            return
        tag = request.path.rpartition("tag=")[2]
        with contextlib.suppress(ConnectionClosed), made.listening(tag) as heard:
            for message in before:
                connection.send(message)
            while (data := heard.get()) is not CLOSED:
                connection.send(_as_message(data, tag))

    with serve(tell, "127.0.0.1", 0, select_subprotocol=lambda server, offered: None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.streaming = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        try:
            yield made.streaming
        finally:
            made.cut()


def _as_message(data: bytes, tag: str) -> str:
    event, text = data.decode().strip().split("\n", 1)
    return json.dumps(
        {
            "stream": ["hashtag", tag],
            "event": event.removeprefix("event: "),
            "payload": text.removeprefix("data: "),
        }
    )


def _content(text: str) -> dict[str, Any]:
    tags = {word.strip("#.,").lower() for word in text.split() if word.startswith("#")}
    return {"content": f"<p>{text}</p>", "tags": [{"name": tag} for tag in sorted(tags)]}


def _tags(status: Mapping[str, Any]) -> set[str]:
    return {tag["name"] for tag in status["tags"]}


def _order(id_: str) -> tuple[int, str]:
    return len(id_), id_
