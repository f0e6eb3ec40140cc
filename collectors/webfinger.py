"""From a Fediverse handle or profile address to the account's own instance, by WebFinger.

RFC 7033, with the older way by host-meta (RFC 6415). A handle's host need not be the instance's.
Nothing here asks; it says what to ask, and reads the answer.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from collectors.contract import PAGE_LIMIT, Ask, Reply
from models.domain.links import absolute

ANYTHING_BUT_BUSY = frozenset({400, 401, 403, 404, 405, 406, 410, 422, 500, 501})
"""Answers that only mean: not this way."""

_HANDLE = re.compile(r"(?:acct:|@)([\w.-]+)@([\w.-]+(?::\d{1,5})?)", re.ASCII)
_PROFILE = re.compile(
    r"(?:/web)?/@([\w.-]+)(?:@([\w.-]+(?::\d{1,5})?))?/?|/users/([\w.-]+)/?", re.ASCII
)
_ACCT = re.compile(r"acct:@?([\w.-]+)@.+", re.ASCII)
_ACTIVITY = re.compile(r"application/(?:activity\+json|ld\+json\b.*activitystreams.*)")


@dataclass(frozen=True, slots=True)
class Address:
    """An account as people name it."""

    scheme: str
    host: str
    """With the port, where it is not the scheme's own."""
    user: str

    @property
    def root(self) -> str:
        return f"{self.scheme}://{self.host}"


@dataclass(frozen=True, slots=True)
class Account:
    """An account where it lives."""

    user: str
    root: str
    """The instance's origin, without a trailing slash."""


def profile_of_handle(text: str) -> str | None:
    """`https://host/@user` of `@user@host` or `acct:user@host`, else None."""
    match = _HANDLE.fullmatch(text.strip())
    return f"https://{match[2].lower()}/@{match[1]}" if match else None


def address_of(url: str) -> Address | None:
    """The account a profile address names: `/@user`, `/@user@host`, `/users/user`."""
    parts = urlsplit(url)
    match = _PROFILE.fullmatch(unquote(parts.path))
    if match is None or not parts.netloc:
        return None
    return Address(parts.scheme, (match[2] or parts.netloc).lower(), match[1] or match[3])


def ask(address: Address) -> Ask:
    """RFC 7033 §4.1."""
    return _ask(f"{address.root}/.well-known/webfinger?{urlencode({'resource': _acct(address)})}")


def ask_host_meta(address: Address) -> Ask:
    """RFC 6415 §2."""
    return _ask(f"{address.root}/.well-known/host-meta")


def ask_template(address: Address, template: str) -> Ask:
    """What the host's `lrdd` template leads to (RFC 6415 §3.1.1)."""
    return _ask(template.replace("{uri}", quote(_acct(address), safe="")))


def _ask(url: str) -> Ask:
    return Ask(
        url,
        limit=PAGE_LIMIT,
        accept="application/jrd+json, application/json, application/xrd+xml;q=0.8",
        conditional=False,
        answers=ANYTHING_BUT_BUSY,
    )


def _acct(address: Address) -> str:
    return f"acct:{address.user}@{address.host}"


def read(reply: Reply, address: Address) -> Account | None:
    """Where the account lives: the origin of its actor, else of its profile page."""
    if reply.status != 200:
        return None
    subject, links = _described(reply)
    actor = next(
        (href for rel, kind, href in links if rel == "self" and _ACTIVITY.match(kind)), None
    )
    page = next((href for rel, _, href in links if rel.endswith("/profile-page")), None)
    home = absolute(actor or page or "", None)
    if home is None:
        return None
    named = _ACCT.fullmatch(subject)
    parts = urlsplit(home)
    return Account(named[1] if named else address.user, f"{parts.scheme}://{parts.netloc}")


def template(reply: Reply) -> str | None:
    """The `lrdd` template of a host-meta document, or None."""
    if reply.status != 200:
        return None
    for rel, _, href in _described(reply)[1]:
        if rel == "lrdd" and "{uri}" in href and absolute(href, None):
            return href
    return None


Link = tuple[str, str, str]
"""`rel`, `type`, and `href` or `template`."""


def _described(reply: Reply) -> tuple[str, list[Link]]:
    """Subject and links of a JRD (JSON) or XRD (XML) document; empty where it is neither."""
    body = reply.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    try:
        return _jrd(json.loads(body)) if body.startswith(b"{") else _xrd(body)
    except (ValueError, RecursionError, SyntaxError):  # the last is what lxml raises
        return "", []


def _jrd(document: Mapping[str, Any]) -> tuple[str, list[Link]]:
    links = document.get("links")
    found = [item for item in links if isinstance(item, dict)] if isinstance(links, list) else []
    subject = document.get("subject")
    return subject if isinstance(subject, str) else "", list(_links(found))


def _xrd(body: bytes) -> tuple[str, list[Link]]:
    from lxml import etree  # megabytes that a collector, whose workers read, does without

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    root = etree.fromstring(body, parser)
    subject = root.findtext("{*}Subject") or ""
    return subject.strip(), list(_links(dict(link.attrib) for link in root.iterfind("{*}Link")))


def _links(items: Iterable[Mapping[Any, Any]]) -> Iterator[Link]:
    for item in items:
        rel, kind = item.get("rel"), item.get("type") or ""
        href = item.get("href") or item.get("template")
        if isinstance(rel, str) and isinstance(kind, str) and isinstance(href, str):
            yield rel, kind, href
