"""Answers whose status says that there is nothing to read, told to the person who runs a source."""

from typing import Any

from collectors.contract import CollectError


class HttpError(CollectError):
    """The server answered with a status that holds nothing to read. `code` is `http-<status>`,
    and `gone` for 410; `retry_after` may be set for 429 and 503. `host` is the `host_key` of who
    said so, which after a redirect is not who was asked.
    """

    def __init__(self, status: int, host: str, retry_after: float | None = None) -> None:
        code = "gone" if status == 410 else f"http-{status}"
        message, mend = _explained(status)
        super().__init__(
            code,
            f"{host} {message} ({status}).",
            mend=mend,
            retry_after=retry_after,
            passing=not mend,
        )
        self.status = status
        self.host = host

    def __reduce__(self) -> tuple[Any, ...]:
        return HttpError, (self.status, self.host, self.retry_after)


_EXPLAINED = {
    401: ("wants a login", "Give an address that everybody can read."),
    403: ("refuses access", "Ask who runs the site to let this service read the address."),
    404: ("has nothing at this address", "Check the address in a browser."),
    410: ("says that this address is gone for good", "Give the new address, or remove the source."),
    429: ("asks for fewer requests", ""),
    503: ("is not available at the moment", ""),
}


def _explained(status: int) -> tuple[str, str]:
    """What the server says, after its name, and the mend; none where it passes by itself."""
    if status in _EXPLAINED:
        return _EXPLAINED[status]
    if status >= 500:
        return "has a fault of its own", ""
    return "gave no usable answer", "Check the address in a browser."
