"""Where a fetch has come to, and where a redirect may lead it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx2

from collectors.address import WebAddress
from collectors.contract import CollectError
from collectors.guard import AllowList, check_url, refused
from collectors.headers import NO_VALIDATORS, Validators

MOST = 5
"""Redirects followed in one fetch."""
PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Route:
    """A checked address, and what may be sent there."""

    url: WebAddress
    validators: Validators
    token: str | None
    passed: tuple[str, ...] = ()
    """The addresses that led here."""
    permanent: bool = True
    """Whether each redirect so far was a permanent one."""
    at_home: bool = True
    """Whether no redirect has led to another origin yet."""

    @property
    def host(self) -> str:
        """For messages, in ASCII: nothing that only looks like another name."""
        return self.url.host

    @property
    def moved_to(self) -> str | None:
        """This address, if only permanent redirects led to it."""
        return str(self.url) if self.passed and self.permanent else None

    def follow(self, status: int, location: str, allow: AllowList) -> "Route":
        """The route one redirect on, to the value of a `Location` header.

        The token and the validators stay behind when the origin changes. Raises `CollectError`:
        `refused-address`, `redirect-loop`, `too-many-redirects`.
        """
        passed = (*self.passed, str(self.url))
        url = check_url(self._target(location), allow)
        if self.url.scheme == "https" and url.scheme != "https":
            raise refused()
        if str(url) in passed:
            raise _lost("redirect-loop", f"{self.host} redirects in a circle.")
        if len(passed) > MOST:
            raise _lost("too-many-redirects", f"More than {MOST} redirects led on from there.")
        onward = replace(
            self, url=url, passed=passed, permanent=self.permanent and status in PERMANENT
        )
        if url.origin != self.url.origin:
            return replace(onward, validators=NO_VALIDATORS, token=None, at_home=False)
        return onward

    def _target(self, location: str) -> str:
        try:
            target = httpx2.URL(_text(location.strip()))
            if target.scheme and not target.host:
                raise refused()  # joined, it would lead to our own host
            return str(httpx2.URL(self.url.text).join(target).copy_with(fragment=None))
        except (httpx2.InvalidURL, ValueError):
            raise refused() from None


def redirect_target(status: int, headers: Mapping[str, str]) -> str | None:
    """The `Location` to follow, or None if the answer is no redirect."""
    return headers.get("location") if status in REDIRECTS else None


def _text(location: str) -> str:
    """Header values come as latin-1; addresses with bytes beyond ASCII are meant as UTF-8."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location


def _lost(code: str, message: str) -> CollectError:
    return CollectError(
        code, message, mend="Open the address in a browser and give the one it ends at."
    )
