"""A WebSub subscriber on loopback, after the W3C Recommendation, that can also misbehave."""

import contextlib
import hashlib
import hmac
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

SECRET = "a secret of this test"


@dataclass
class Delivery:
    """What came, and whether its signature was that of `SECRET`."""

    body: bytes
    kind: str
    link: str
    signed: bool


@dataclass
class Subscriber:
    """What it was asked and told. The next answers are those of `statuses`, then `status`."""

    url: str = ""
    confirms: bool = True
    challenge: str | None = None
    """Said instead of the challenge."""
    status: int = 204
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    text: bytes = b""
    """Said to deliveries."""
    silent: bool = False
    """Accepts connections, and never answers while this holds."""
    asked: list[dict[str, str]] = field(default_factory=list)
    attempts: int = 0
    """Deliveries that were tried, whatever became of them."""
    deliveries: list[Delivery] = field(default_factory=list)
    awake: threading.Event = field(default_factory=threading.Event)

    def ask(self, hub: str, topic: str, mode: str = "subscribe", **more: str) -> tuple[int, str]:
        """Sends a request to a hub: status and text of its answer."""
        fields = {
            "hub.mode": mode,
            "hub.topic": topic,
            "hub.callback": self.url,
            "hub.secret": SECRET,
            **{name.replace("_", ".", 1): value for name, value in more.items()},
        }
        request = urllib.request.Request(hub, urlencode(fields).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@contextlib.contextmanager
def subscriber(host: str = "127.0.0.4", path: str = "/callback?id=7") -> Iterator[Subscriber]:
    """Runs until the block ends."""
    made = Subscriber()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if made.silent:
                made.awake.wait(30)
            asked = dict(parse_qsl(urlsplit(self.path).query))
            made.asked.append(asked)
            text = asked.get("hub.challenge", "") if made.challenge is None else made.challenge
            self._answer(200 if made.confirms else 404, text.encode() if made.confirms else b"")

        def do_POST(self) -> None:
            made.attempts += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if made.silent:
                made.awake.wait(30)
            status = made.statuses.pop(0) if made.statuses else made.status
            if 200 <= status < 300:
                digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                signed = self.headers.get("X-Hub-Signature") == f"sha256={digest}"
                kind, link = self.headers["Content-Type"], self.headers["Link"]
                made.deliveries.append(Delivery(body, kind, link, signed))
            self._answer(status, made.text)

        def _answer(self, status: int, body: bytes) -> None:
            with contextlib.suppress(ConnectionError):
                self.send_response(status)
                for name, value in made.headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body if status != 204 else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Tests have their own words."""

    server = ThreadingHTTPServer((host, 0), Handler)
    made.url = f"http://{host}:{server.server_address[1]}{path}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        made.awake.set()
        server.shutdown()
        server.server_close()
        thread.join()
