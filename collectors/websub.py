"""WebSub, the subscriber's side: what to ask of a hub, and whether a delivery is its own.

https://www.w3.org/TR/websub/
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from collectors.contract import Ask, Hints
from collectors.linkheader import links_of
from models.domain.links import absolute

LEASE = 10 * 86_400
"""Seconds asked for; the hub decides."""
ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})
"""Those of section 7 of the Recommendation."""
ANSWER_LIMIT = 64 * 1024
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed says that its news can be had by push."""

    hub: str
    topic: str
    """What the feed calls itself (`rel=self`)."""


def offer(url: str, headers: Mapping[str, str], hints: Hints) -> Offer | None:
    """What an answer from `url` offers; its Link headers count more than what stands in the feed.

    None where hub or topic is missing (section 4: both are needed).
    """
    named = {rel: target for target, rel in reversed(list(links_of(headers.get("link", ""))))}
    hub = absolute(named.get("hub", ""), url) if "hub" in named else hints.hub
    topic = absolute(named.get("self", ""), url) if "self" in named else hints.self_url
    return Offer(hub, topic) if hub and topic else None


def request(mode: str, hub: str, topic: str, callback: str, secret: str) -> Ask:
    """Section 5.1. `mode`: `subscribe` or `unsubscribe`; `callback` is this subscription's own."""
    fields = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
    if mode == "subscribe":
        fields |= {"hub.lease_seconds": str(LEASE), "hub.secret": secret}
    body = urlencode(fields).encode("ascii")
    return Ask(hub, "POST", body, FORM, limit=ANSWER_LIMIT, conditional=False)


def is_genuine(body: bytes, signature: str, secret: str) -> bool:
    """Whether `X-Hub-Signature` (section 7.1) is this secret's over this body."""
    method, _, given = signature.strip().partition("=")
    if method.lower() not in ALGORITHMS:
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode("utf-8", "replace"))


def is_about(topic: str, headers: Mapping[str, str]) -> bool:
    """Whether a delivery names this topic in its Link header, or none at all (section 7)."""
    named = [target for target, rel in links_of(headers.get("link", "")) if rel == "self"]
    return not named or topic in named
