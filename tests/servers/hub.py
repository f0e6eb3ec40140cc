"""A WebSub hub on loopback, after the W3C Recommendation, that can also misbehave.

https://www.w3.org/TR/websub/ sections 5 to 7.
"""

import contextlib
import hashlib
import hmac
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode


@dataclass
class Hub:
    """What was asked of it, and who subscribed."""

    url: str = ""
    lease: int = 3600
    requests: list[dict[str, str]] = field(default_factory=list)
    subscribers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Callback -> the fields it subscribed with, once verified."""
    verifications: list[tuple[int, str]] = field(default_factory=list)
    """Status and body of each answer to a verification."""
    refuse: int | None = None
    """The status that requests are refused with."""

    def verify(self, asked: dict[str, str], **changes: str) -> tuple[int, str]:
        """Asks the subscriber whether it meant it (section 5.3)."""
        challenge = secrets.token_urlsafe(24)
        query = {
            "hub.mode": asked["hub.mode"],
            "hub.topic": asked["hub.topic"],
            "hub.challenge": challenge,
            "hub.lease_seconds": str(self.lease),
            **changes,
        }
        answer = get(f"{asked['hub.callback']}?{urlencode(query)}")
        self.verifications.append(answer)
        if answer == (200, query["hub.challenge"]):
            if asked["hub.mode"] == "subscribe":
                self.subscribers[asked["hub.callback"]] = asked
            else:
                self.subscribers.pop(asked["hub.callback"], None)
        return answer

    def deliver(
        self, body: bytes, *, method: str = "sha256", secret: str | None = None, link: str = ""
    ) -> list[int]:
        """Sends content to every subscriber; the statuses they answer with."""
        return [
            self._deliver(callback, asked, body, method, secret, link)
            for callback, asked in self.subscribers.items()
        ]

    def _deliver(
        self,
        callback: str,
        asked: dict[str, str],
        body: bytes,
        method: str,
        secret: str | None,
        link: str,
    ) -> int:
        key = (secret or asked["hub.secret"]).encode()
        digest = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        headers = {
            "Content-Type": "application/rss+xml",
            "Link": link or f'<{self.url}>; rel="hub", <{asked["hub.topic"]}>; rel="self"',
            "X-Hub-Signature": f"{method}={digest}",
        }
        request = urllib.request.Request(callback, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code


def get(url: str) -> tuple[int, str]:
    """Status and text of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@contextlib.contextmanager
def hub(host: str = "127.0.0.3") -> Iterator[Hub]:
    """Runs until the block ends; verifications run beside, as section 5.3 allows."""
    made = Hub()
    threads: list[threading.Thread] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            fields = parse_qs(self.rfile.read(length).decode())
            asked = {name: values[0] for name, values in fields.items()}
            made.requests.append(asked)
            self.send_response(made.refuse or 202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            if made.refuse is None:
                thread = threading.Thread(target=made.verify, args=(asked,))
                threads.append(thread)
                thread.start()

        def log_message(self, format: str, *args: object) -> None:
            """Tests have their own words."""

    server = ThreadingHTTPServer((host, 0), Handler)
    made.url = f"http://{host}:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        for one in (thread, *threads):
            one.join()
