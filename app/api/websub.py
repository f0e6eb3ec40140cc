"""The callback of our WebSub subscriptions: hubs verify intent here, and deliver.

https://www.w3.org/TR/websub/ sections 5.3 and 7. The address of each subscription is unguessable.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from app.api.deps import services_of
from app.bodies import read_body
from app.clock import now
from app.errors import Problem
from app.wiring import Services
from collectors import websub
from collectors.contract import FEED_LIMIT
from collectors.vault import Vault
from models.store import push
from models.store.push import Subscription

router = APIRouter(prefix="/websub", include_in_schema=False)

_CALLBACK = re.compile(r"[0-9a-f]{32}")


def _callback(callback: str) -> str:
    """What was never given out is no less unknown for its form."""
    if _CALLBACK.fullmatch(callback) is None:
        raise _unknown()
    return callback


def _unknown() -> Problem:
    return Problem("not-found", "There is no such subscription, or it was not meant so.")


Callback = Annotated[str, Depends(_callback)]
SHORTEST_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=30)
LONGEST_CHALLENGE = 2000
KEPT = ("content-type", "link")
"""Headers that reading a delivery needs."""


@router.get("/{callback}")
def verify(callback: Callback, request: Request) -> Response:
    """Verification of intent, and denials."""
    asked = request.query_params
    with services_of(request).database.writing() as session:
        one = push.by_callback(session, callback)
        if one is None or asked.get("hub.topic") != one.topic:
            raise _unknown()
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
            raise _unknown()
    return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})


def _lease(asked: Mapping[str, str]) -> timedelta:
    given = asked.get("hub.lease_seconds", "")
    seconds = int(given) if given.isdecimal() and len(given) < 10 else websub.LEASE
    return min(max(timedelta(seconds=seconds), SHORTEST_LEASE), LONGEST_LEASE)


@router.post("/{callback}")
async def deliver(callback: Callback, request: Request) -> Response:
    """A delivery. It is kept before it is acknowledged, and read by a collector."""
    body = await read_body(request, FEED_LIMIT)
    if body is None:
        raise Problem("too-large", f"A feed may have {FEED_LIMIT} bytes.")
    return await run_in_threadpool(
        _keep, services_of(request), callback, dict(request.headers), body
    )


def _keep(services: Services, callback: str, headers: Mapping[str, str], body: bytes) -> Response:
    with services.database.writing() as session:
        one = push.by_callback(session, callback)
        if one is None:
            raise Problem("gone", "This subscription has ended; deliver no more to it.")
        if _is_genuine(services, one, headers, body):
            kept = {name: headers[name] for name in KEPT if name in headers}
            if not push.deliver(session, one, kept, body, now()):
                raise Problem(
                    "unavailable", "Too much is waiting; deliver it again.", {"Retry-After": "60"}
                )
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
