"""A web site on loopback, in a thread: each path says what a test wants said."""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """An answer. A `body` that is a function writes for itself until it returns."""

    body: bytes | Callable[[BaseHTTPRequestHandler], None] = b""
    kind: str = "application/rss+xml"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """Pages by path (with query, or without); `requests` are the paths asked, in order."""

    host: str = "127.0.0.1"
    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    answered_304: int = 0

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"


@contextlib.contextmanager
def site(pages: Mapping[str, Page] | None = None, host: str = "127.0.0.1") -> Iterator[Site]:
    """Serves until the block ends."""
    made = Site(host, pages=dict(pages or {}))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.requests.append(self.path)
            page = made.pages.get(self.path) or made.pages.get(self.path.split("?")[0])
            with contextlib.suppress(ConnectionError):
                self._answer(page or Page(b"nothing here", "text/plain", 404))

        def _answer(self, page: Page) -> None:
            if callable(page.body):
                self.close_connection = True
                page.body(self)
                return
            etag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
            known = page.status == 200 and self.headers.get("If-None-Match") == etag
            made.answered_304 += known
            self.send_response(304 if known else page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.status == 200:
                self.send_header("ETag", etag)
            self.send_header("Content-Type", page.kind)
            self.send_header("Content-Length", "0" if known else str(len(page.body)))
            self.end_headers()
            if not known:
                self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rss(*items: str, title: str = "A sample blog") -> bytes:
    """An RSS 2.0 feed of ready-made items."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>https://blog.example/</link><description/>{''.join(items)}</channel></rss>"
    ).encode()


def item(number: int, text: str, *, day: int = 3, title: str | None = None) -> str:
    """An item with an id, a link and a date of November 2026."""
    return (
        f"<item><title>{title or f'Post {number}'}</title>"
        f"<link>https://blog.example/{number}</link>"
        f"<guid>https://blog.example/{number}</guid>"
        f"<pubDate>Tue, {day:02} Nov 2026 10:{number % 60:02}:00 GMT</pubDate>"
        f"<description>{text}</description></item>"
    )
