"""A server that follows the published reference of X's recent search and lookup, and its refusals.

https://docs.x.com/x-api/posts/search-recent-posts ·
https://docs.x.com/x-api/posts/get-posts-by-ids ·
https://docs.x.com/x-api/fundamentals/response-codes-and-errors
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.web import Request, Response, as_json

NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)
TOKEN = "AAAA-bearer"
WEEK = timedelta(days=7)
EPOCH = 1_288_834_974_657
INVALID = "https://api.x.com/2/problems/invalid-request"


def snowflake(moment: datetime) -> str:
    """The id of a post written then."""
    return str((int(moment.timestamp() * 1000) - EPOCH) << 22)


def refused(message: str, **parameters: str) -> Response:
    return as_json(
        {
            "errors": [
                {"parameters": {name: [v] for name, v in parameters.items()}, "message": message}
            ],
            "title": "Invalid Request",
            "detail": "One or more parameters to your request was invalid.",
            "type": INVALID,
        },
        400,
    )


def problem(id_: str, kind: str) -> dict[str, str]:
    """Why a post is not among those that were asked for."""
    return {
        "value": id_,
        "resource_id": id_,
        "parameter": "ids",
        "resource_type": "tweet",
        "detail": f"Could not show [{id_}].",
        "type": f"https://api.twitter.com/2/problems/{kind}",
    }


@dataclass
class RecentSearch:
    """Posts of two authors; what was sold is counted in `sold`, resource by resource."""

    now: datetime = NOW
    tweets: list[dict[str, Any]] = field(default_factory=list)
    sold: int = 0
    refusal: Response | None = None
    valid_tokens: set[str] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    """Posts of accounts that are protected by now."""

    def post(self, hours_ago: float, text: str = "#muster", **fields: Any) -> str:
        moment = self.now - timedelta(hours=hours_ago)
        id_ = snowflake(moment)
        self.tweets.append(
            {
                "id": id_,
                "text": text,
                "edit_history_tweet_ids": [id_],
                "author_id": "11",
                "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "lang": "de",
                "possibly_sensitive": False,
                "public_metrics": {"retweet_count": 2, "reply_count": 1},
                **fields,
            }
        )
        return id_

    def answer(self, request: Request) -> Response:
        if request.path not in {"/2/tweets", "/2/tweets/search/recent"}:
            return Response(b"", 404)
        if request.token != TOKEN:
            problem = {"title": "Unauthorized", "type": "about:blank", "detail": "Unauthorized"}
            return as_json({**problem, "status": 401}, 401)
        if self.refusal is not None:
            return self.refusal
        if request.path == "/2/tweets":
            return self._several((request.value("ids") or "").split(","))
        if not 10 <= int(request.value("max_results") or 10) <= 100:
            return refused("The `max_results` query parameter value is not between 10 and 100")
        since = request.value("since_id")
        if since and int(since) < int(snowflake(self.now - WEEK)):
            return refused(
                "'since_id' must be a tweet id created after [TIMESTAMP]", since_id=since
            )
        start = request.value("start_time")
        if start and since:
            return refused("Only one of start_time and since_id may be given", start_time=start)
        moment = datetime.fromisoformat(start) if start else self.now - WEEK
        if not self.now - WEEK <= moment < self.now - timedelta(seconds=10):
            return refused(
                "'start_time' must be within the last seven days", start_time=start or ""
            )
        return self._found(request, int(since or snowflake(moment)))

    def delete(self, id_: str) -> None:
        self.tweets = [tweet for tweet in self.tweets if tweet["id"] != id_]

    def _several(self, ids: list[str]) -> Response:
        if not 1 <= len(ids) <= 100:
            return refused("The number of values in the `ids` query parameter list is not 1 to 100")
        known = {tweet["id"] for tweet in self.tweets}
        data = [
            {"id": id_, "text": "…", "edit_history_tweet_ids": [id_]}
            for id_ in ids
            if id_ in known - self.protected
        ]
        self.sold += len(data)
        problems = [
            problem(id_, "not-authorized-for-resource") for id_ in ids if id_ in self.protected
        ]
        problems += [problem(id_, "resource-not-found") for id_ in ids if id_ not in known]
        return as_json(
            {**({"data": data} if data else {}), **({"errors": problems} if problems else {})}
        )

    def _found(self, request: Request, since: int) -> Response:
        token = request.value("next_token")
        if token is not None and token not in self.valid_tokens:
            return refused("next_token is invalid", next_token=token)
        limit = int(request.value("max_results") or 10)
        found = sorted(
            (t for t in self.tweets if int(t["id"]) > since), key=lambda t: int(t["id"])
        )[::-1]
        below = [t for t in found if token is None or int(t["id"]) < int(token.removeprefix("b"))]
        page = below[:limit]
        if not page:
            return as_json({"meta": {"result_count": 0}})
        meta: dict[str, Any] = {
            "newest_id": page[0]["id"],
            "oldest_id": page[-1]["id"],
            "result_count": len(page),
        }
        if len(below) > limit:
            meta["next_token"] = f"b{page[-1]['id']}"
            self.valid_tokens.add(meta["next_token"])
        authors = sorted({tweet["author_id"] for tweet in page})
        users = [
            {"id": id_, "name": f"Muster {id_} (Beispiel)", "username": f"muster{id_}"}
            for id_ in authors
        ]
        self.sold += len(page) + len(users)
        return as_json({"data": page, "includes": {"users": users}, "meta": meta})
