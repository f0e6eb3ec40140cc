"""The callback of our WebSub subscriptions: hubs verify intent here, and deliver.

https://www.w3.org/TR/websub/ sections 5.3 and 7. The address of each subscription is unguessable.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from app.api.deps import services_of
from app.clock import now
from app.wiring import Services
from collectors import websub
from collectors.contract import FEED_LIMIT
from collectors.vault import Vault
from models.store import push
from models.store.push import Subscription

router = APIRouter(prefix="/websub", include_in_schema=False)

Callback = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=30)
LONGEST_CHALLENGE = 2000
KEPT = ("content-type", "link")
"""Headers that reading a delivery needs."""
UNKNOWN = PlainTextResponse("there is no such subscription\n", 404)
ENDED = PlainTextResponse("this subscription has ended\n", 410)


@router.get("/{callback}")
def verify(callback: Callback, request: Request) -> Response:
    """Verification of intent, and denials."""
    asked = request.query_params
    with services_of(request).database.writing() as session:
        one = push.by_callback(session, callback)
        if one is None or asked.get("hub.topic") != one.topic:
            return UNKNOWN
        mode = asked.get("hub.mode")
        if mode == "denied":
            push.denied(session, one, now())
            return PlainTextResponse("")
        challenge = asked.get("hub.challenge", "")[:LONGEST_CHALLENGE]
        if mode == "subscribe" and one.state in {"asked", "active"} and challenge:
            push.verified(session, one, _lease(asked), now())
        elif mode == "unsubscribe" and one.state == "ending" and challenge:
            push.ended(session, one)
        else:
            return UNKNOWN
    return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})


def _lease(asked: Mapping[str, str]) -> timedelta:
    given = asked.get("hub.lease_seconds", "")
    seconds = int(given) if given.isdecimal() and len(given) < 10 else websub.LEASE
    return min(max(timedelta(seconds=seconds), SHORTEST_LEASE), LONGEST_LEASE)


@router.post("/{callback}")
async def deliver(callback: Callback, request: Request) -> Response:
    """A delivery. It is kept before it is acknowledged, and read by a collector."""
    body = await _body(request)
    if body is None:
        return PlainTextResponse("this is more than is read of a feed\n", 413)
    return await run_in_threadpool(
        _keep, services_of(request), callback, dict(request.headers), body
    )


async def _body(request: Request) -> bytes | None:
    """None where it is too large: nothing beyond the limit is held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FEED_LIMIT:
            return None
    return bytes(body)


def _keep(services: Services, callback: str, headers: Mapping[str, str], body: bytes) -> Response:
    with services.database.writing() as session:
        one = push.by_callback(session, callback)
        if one is None:
            return ENDED
        if _is_genuine(services, one, headers, body):
            kept = {name: headers[name] for name in KEPT if name in headers}
            if not push.deliver(session, one, kept, body, now()):
                return PlainTextResponse("too much is waiting: try again later\n", 503)
    # Section 7.1: a wrong signature is answered like a good one, and ignored.
    return Response(status_code=202)


def _is_genuine(
    services: Services, one: Subscription, headers: Mapping[str, str], body: bytes
) -> bool:
    secret = Vault(services.settings.secret_key).open(one.secret)
    return (
        one.state == "active"
        and websub.is_genuine(body, headers.get("x-hub-signature", ""), secret)
        and websub.is_about(one.topic, headers)
    )
