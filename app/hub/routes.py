"""Requests to the hub (section 5.1 of https://www.w3.org/TR/websub/)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from app.api.deps import services_of
from app.bodies import read_body
from app.clock import now
from app.errors import Problem, method_refused
from app.hub.address import PATH, hub_address
from app.hub.topics import read_topic
from app.wiring import Services
from collectors.contract import CollectError
from collectors.guard import AllowList, check_url
from collectors.vault import Vault
from models.domain.errors import Conflict, NotFound
from models.domain.links import is_web_url
from models.store import courses, intents

router = APIRouter(include_in_schema=False)

LONGEST = 8192
"""Bytes of a request."""
LONGEST_CALLBACK = 1000
LONGEST_SECRET = 199
"""Bytes: section 5.1 wants fewer than 200."""
MOST_FIELDS = 20
LEASE = 10 * 86_400
SHORTEST_LEASE, LONGEST_LEASE = 300, 30 * 86_400
"""Seconds of a subscription: where nothing is said, and the bounds of what is asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that can be understood. `secret` is not sealed yet."""

    mode: str
    topic: str
    callback: str
    secret: str | None
    lease_seconds: int


@router.get(PATH)
def never_read() -> Response:
    """Without this route the address would be read as a callback's. Raises `Problem`."""
    raise method_refused(PATH)


@router.post(PATH)
async def receive(request: Request) -> Response:
    """202: it will be verified; 400: it cannot be a request; 404: of no feed; 429: a flood."""
    services = services_of(request)
    if hub_address(services.settings) is None:
        raise Problem("not-found", "This service has no public address, and so no hub.")
    asked = read_request(await _body(request), services.settings.fetch_allow)
    try:
        await run_in_threadpool(_keep, services, asked)
    except Conflict:
        raise Problem("too-many", "Send it again later: others wait to be verified.") from None
    except NotFound:
        raise Problem(
            "not-found", "hub.topic must be the address of a feed of this service."
        ) from None
    return PlainTextResponse("it will be verified\n", 202)


async def _body(request: Request) -> bytes:
    body = await read_body(request, LONGEST)
    if body is None:
        raise Problem("bad-request", "This is more than a request to a hub.")
    return body


def read_request(body: bytes, allow: AllowList) -> Asked:
    """The fields of a form. Raises `Problem`, naming the field that cannot be used."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem("bad-request", "A request to a hub is a form in UTF-8.") from None
    fields = dict(pairs)
    mode = fields.get("hub.mode", "")
    if mode not in {"subscribe", "unsubscribe"}:
        raise Problem("bad-request", "hub.mode must be subscribe or unsubscribe.")
    secret = fields.get("hub.secret") or None
    if secret is not None and len(secret.encode()) > LONGEST_SECRET:
        raise Problem("bad-request", "hub.secret must have fewer than 200 bytes.")
    callback = _callback(fields.get("hub.callback", ""), allow)
    return Asked(mode, fields.get("hub.topic", ""), callback, secret, _lease(fields))


def _callback(url: str, allow: AllowList) -> str:
    is_usable = len(url) <= LONGEST_CALLBACK and is_web_url(url) and not urlsplit(url).fragment
    if is_usable:
        try:
            check_url(url, allow)
        except CollectError:
            is_usable = False
    if not is_usable:
        raise Problem("bad-request", "hub.callback must be a public address of the web.")
    return url


def _lease(fields: Mapping[str, str]) -> int:
    given = fields.get("hub.lease_seconds", "")
    if not given:
        return LEASE
    if not (given.isascii() and given.isdecimal() and len(given) < 20):
        raise Problem("bad-request", "hub.lease_seconds must be a number of seconds.")
    return min(max(int(given), SHORTEST_LEASE), LONGEST_LEASE)


def _keep(services: Services, asked: Asked) -> None:
    """Raises `NotFound` where there is no such topic, `Conflict` where too many wait."""
    topic = read_topic(services.settings.public_url, asked.topic)
    sealed = None
    if asked.secret is not None:
        sealed = Vault(services.settings.secret_key).seal(asked.secret)
    with services.database.writing() as session:
        course = courses.plain_course(session, topic.slug)
        intents.asked(
            session,
            course.id,
            mode=asked.mode,
            topic=asked.topic,
            callback=asked.callback,
            secret=sealed,
            lease_seconds=asked.lease_seconds,
            now=now(),
        )
