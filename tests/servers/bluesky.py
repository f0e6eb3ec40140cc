"""A server that speaks the lexicons the collector uses: sessions, search, a profile's posts.

https://github.com/bluesky-social/atproto: `com.atproto.server.createSession`,
`app.bsky.feed.searchPosts`, `app.bsky.feed.getAuthorFeed`, `app.bsky.feed.getPosts`.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.web import Request, Response, as_json

OPENED = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
DID = "did:plc:muster"
HANDLE = "muster.example"
PASSWORD = "abcd-efgh-ijkl-mnop"


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Network:
    """Posts of one account, numbered, an hour apart; newest first in every answer."""

    views: list[dict[str, Any]] = field(default_factory=list)
    sessions: int = 0
    labels: list[dict[str, Any]] = field(default_factory=list)
    """The account's."""
    failing: frozenset[str] = frozenset()
    """Uris with which a whole list of posts fails."""

    def post(
        self, number: int, text: str = "#muster", at: datetime | None = None, **record: Any
    ) -> dict[str, Any]:
        moment = at or OPENED + timedelta(hours=number)
        view: dict[str, Any] = {
            "uri": f"at://{DID}/app.bsky.feed.post/{number:06}",
            "cid": "bafy",
            "author": {
                "did": DID,
                "handle": HANDLE,
                "displayName": "Muster (Beispiel)",
                "labels": self.labels,
            },
            "record": {
                "$type": "app.bsky.feed.post",
                "text": text,
                "createdAt": iso(moment),
                **record,
            },
            "replyCount": 1,
            "repostCount": 2,
            "indexedAt": iso(moment + timedelta(seconds=3)),
        }
        self.views.append(view)
        return view

    def answer(self, request: Request) -> Response:
        method = request.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession" and request.method == "POST":
            return self._session(request)
        if method == "app.bsky.feed.searchPosts":
            if request.token is None or not request.token.startswith("jwt-"):
                return as_json({"error": "AuthMissing", "message": "Authentication Required"}, 401)
            return self._search(request)
        if method == "app.bsky.feed.getAuthorFeed":
            return self._feed(request)
        if method == "app.bsky.feed.getPosts":
            return self._several(request)
        return as_json({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)

    def _session(self, request: Request) -> Response:
        given = json.loads(request.body)
        if given != {"identifier": HANDLE, "password": PASSWORD}:
            message = "Invalid identifier or password"
            return as_json({"error": "AuthenticationRequired", "message": message}, 401)
        self.sessions += 1
        tokens = {"accessJwt": f"jwt-{self.sessions}", "refreshJwt": "unused"}
        return as_json({**tokens, "handle": HANDLE, "did": DID})

    def _search(self, request: Request) -> Response:
        query = (request.value("q") or "").lower()
        found = [view for view in self._newest_first() if query in view["record"]["text"].lower()]
        page, cursor = self._page(found, request)
        return as_json({"posts": page, "hitsTotal": len(found), **cursor})

    def _feed(self, request: Request) -> Response:
        if request.value("actor") not in {DID, HANDLE}:
            return as_json({"error": "InvalidRequest", "message": "Profile not found"}, 400)
        page, cursor = self._page(self._newest_first(), request)
        return as_json({"feed": [{"post": view} for view in page], **cursor})

    def _several(self, request: Request) -> Response:
        """Leaves out what is not there."""
        wanted = request.query.get("uris", [])
        if not 1 <= len(wanted) <= 25:
            return as_json({"error": "InvalidRequest", "message": "uris must have 1 to 25"}, 400)
        if not self.failing.isdisjoint(wanted):
            return as_json({"error": "InternalServerError", "message": "…"}, 500)
        return as_json({"posts": [view for view in self.views if view["uri"] in wanted]})

    def _newest_first(self) -> list[dict[str, Any]]:
        return sorted(self.views, key=lambda view: view["indexedAt"], reverse=True)

    @staticmethod
    def _page(views: list[dict[str, Any]], request: Request) -> tuple[list[Any], dict[str, str]]:
        start, limit = int(request.value("cursor") or 0), int(request.value("limit") or 25)
        rest = {"cursor": str(start + limit)} if start + limit < len(views) else {}
        return views[start : start + limit], rest
