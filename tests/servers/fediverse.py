"""An instance that speaks the account part of Mastodon's REST API, and WebFinger.

https://docs.joinmastodon.org/methods/accounts/ · https://docs.joinmastodon.org/spec/webfinger/
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.web import Request, Response, as_json

OPENED = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
NOT_FOUND = as_json({"error": "Record not found"}, 404)
UNAUTHENTICATED = as_json({"error": "This method requires an authenticated user"}, 422)


@dataclass
class Instance:
    """One account, `muster`, with numbered statuses, an hour apart."""

    domain: str = "social.example"
    """What stands behind the `@` in its handles."""
    web: str = "https://social.example"
    statuses: list[dict[str, Any]] = field(default_factory=list)
    account: Mapping[str, Any] = field(default_factory=dict)
    webfinger: bool = True
    host_meta: str | None = None
    api: bool = True
    token: str | None = None
    """Whose the API is, if not everybody's."""
    knows_tagged: bool = True
    feeds: Mapping[str, bytes] = field(default_factory=dict)

    def post(self, number: int, text: str = "#muster", **fields: Any) -> None:
        words = text.replace("#", " #").split()
        tags = [word.lstrip("#") for word in words if word.startswith("#")]
        moment = OPENED + timedelta(hours=number)
        self.statuses.append(
            {
                "id": str(1000 + number),
                "uri": f"{self.web}/users/muster/statuses/{1000 + number}",
                "url": f"{self.web}/@muster/{1000 + number}",
                "created_at": moment.isoformat(),
                "visibility": "public",
                "content": f"<p>{text}</p>",
                "tags": [{"name": tag, "url": f"{self.web}/tags/{tag}"} for tag in tags],
                "account": self.known(),
                **fields,
            }
        )

    def known(self) -> dict[str, Any]:
        return {
            "id": "7",
            "username": "muster",
            "acct": "muster",
            "display_name": "Muster (Beispiel)",
            "url": f"{self.web}/@muster",
            "note": "",
            **self.account,
        }

    def answer(self, request: Request) -> Response:
        if request.path in self.feeds:
            return Response(self.feeds[request.path], kind="application/rss+xml")
        if request.path == "/.well-known/webfinger" and self.webfinger:
            return self._finger(request)
        if request.path == "/finger":
            return self._finger(request)
        if request.path == "/.well-known/host-meta" and self.host_meta:
            return Response(self.host_meta.encode(), kind="application/xrd+xml")
        if request.path.startswith("/api/v1/") and self.api:
            if self.token is not None and request.token != self.token:
                return UNAUTHENTICATED
            return self._called(request)
        return Response(b"<h1>404</h1>", 404, "text/html")

    def _finger(self, request: Request) -> Response:
        known = {f"acct:muster@{host}" for host in (self.domain, self.web.partition("//")[2])}
        if request.value("resource") not in known:
            return Response(b"", 404, "text/plain")
        return as_json(
            {
                "subject": f"acct:muster@{self.domain}",
                "links": [
                    {
                        "rel": "http://webfinger.net/rel/profile-page",
                        "type": "text/html",
                        "href": f"{self.web}/@muster",
                    },
                    {
                        "rel": "self",
                        "type": "application/activity+json",
                        "href": f"{self.web}/users/muster",
                    },
                    {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "x?uri={uri}"},
                ],
            }
        )

    def _called(self, request: Request) -> Response:
        if request.path == "/api/v1/statuses":
            return as_json([self._known(id_) for id_ in request.query["id[]"] if self._known(id_)])
        if request.path.startswith("/api/v1/statuses/"):
            found = self._known(request.path.rpartition("/")[2])
            return as_json(found) if found else NOT_FOUND
        return self._accounts(request)

    def _known(self, id_: str) -> dict[str, Any] | None:
        return next((each for each in self.statuses if each["id"] == id_), None)

    def _accounts(self, request: Request) -> Response:
        if request.path == "/api/v1/accounts/lookup":
            named = request.value("acct") in {"muster", f"muster@{self.domain}"}
            return as_json(self.known()) if named else NOT_FOUND
        if request.path == f"/api/v1/accounts/{self.known()['id']}/statuses":
            return as_json(self._statuses(request))
        return NOT_FOUND

    def _statuses(self, request: Request) -> list[dict[str, Any]]:
        """Newest first; `min_id` gives the page just above it."""
        found = sorted(self.statuses, key=lambda each: int(each["id"]), reverse=True)
        tag, limit = request.value("tagged"), min(int(request.value("limit") or 20), 40)
        if tag and self.knows_tagged:
            found = [each for each in found if tag in {one["name"].lower() for one in each["tags"]}]
        if request.value("exclude_reblogs") == "true":
            found = [each for each in found if not each.get("reblog")]
        if top := request.value("max_id"):
            found = [each for each in found if int(each["id"]) < int(top)]
        if bottom := request.value("min_id"):
            return [each for each in found if int(each["id"]) > int(bottom)][-limit:]
        return found[:limit]
