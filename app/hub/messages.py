"""What the hub says to subscribers, as requests (sections 5.2, 5.3 and 7 of the Recommendation)."""

import hmac
from urllib.parse import urlencode

from app.syndication.documents import Document
from collectors.contract import Ask

ANSWER_LIMIT = 64 * 1024
"""Bytes of a subscriber's answer: a challenge at the most."""


def verification(
    callback: str, mode: str, topic: str, challenge: str, lease_seconds: int | None
) -> Ask:
    """Asks whether a subscriber meant it; who did answers with the challenge."""
    fields = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
    if lease_seconds is not None:
        fields["hub.lease_seconds"] = str(lease_seconds)
    return _asking(callback, fields)


def denial(callback: str, topic: str, reason: str) -> Ask:
    """Says that a subscription will not be, or not any more."""
    return _asking(callback, {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason})


def delivery(callback: str, topic: str, hub: str, document: Document, secret: str | None) -> Ask:
    """The topic's whole content; signed where the subscriber gave a secret."""
    headers = {
        "Content-Type": document.media_type,
        "Link": f'<{hub}>; rel="hub", <{topic}>; rel="self"',
    }
    if secret is not None:
        digest = hmac.digest(secret.encode(), document.body, "sha256").hex()
        headers["X-Hub-Signature"] = f"sha256={digest}"
    return Ask(
        callback,
        "POST",
        document.body,
        headers,
        limit=ANSWER_LIMIT,
        conditional=False,
        follows=False,
    )


def _asking(callback: str, fields: dict[str, str]) -> Ask:
    """A GET of the callback, whose own query stays as it is."""
    joint = "&" if "?" in callback else "?"
    url = f"{callback}{joint}{urlencode(fields)}"
    return Ask(url, limit=ANSWER_LIMIT, conditional=False, follows=False)
