"""What the headers of an answer say: how long it is fresh, when to come again, how to ask then."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

VALIDATOR_LIMIT = 1024
"""Bytes of an ETag or a date that are kept."""
LONGEST = 366 * 86400.0
"""Seconds; whoever names more means never."""
RESETS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
"""Headers that say when requests are welcome again: Mastodon's, X's, Bluesky's."""
LIMITS = ("x-ratelimit-limit", "x-rate-limit-limit", "ratelimit-limit")
"""How many requests are allowed until then."""
REMAINING = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
"""How many of them are left."""

_SECONDS = re.compile(r"\d{1,20}(\.\d{1,20})?")
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,20})", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)(?=[\s,]|$)", re.IGNORECASE)
_FIELD_VALUE = re.compile(rb"[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")
_EPOCH_FROM = 1e9
"""Numbers from here on are seconds since 1970 (September 2001), below they are a span."""


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified as they came; characters stand for the bytes of latin-1."""

    etag: str | None = None
    last_modified: str | None = None

    def __bool__(self) -> bool:
        return self.etag is not None or self.last_modified is not None

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What makes a request conditional; without what could not have come in a header."""
        named = ((b"If-None-Match", self.etag), (b"If-Modified-Since", self.last_modified))
        values = ((name, _sendable(value)) for name, value in named)
        return [(name, value) for name, value in values if value is not None]


NO_VALIDATORS = Validators()


def validators_of(headers: Mapping[str, str], sent: Validators = NO_VALIDATORS) -> Validators:
    """Those of an answer; where it names none, those that were sent."""
    return Validators(
        _kept(headers.get("etag")) or sent.etag,
        _kept(headers.get("last-modified")) or sent.last_modified,
    )


def _kept(value: str | None) -> str | None:
    return value if value and len(value) <= VALIDATOR_LIMIT else None


def _sendable(value: str | None) -> bytes | None:
    if _kept(value) is None or value is None:
        return None
    raw = value.encode("latin-1", "replace")
    same = raw.decode("latin-1") == value
    return raw if same and _FIELD_VALUE.fullmatch(raw) else None


def joined(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case, values as latin-1; several of one name are joined by `, `."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the answer is stale (RFC 9111 §4.2); 0 if at once, None if it does not say."""
    control = headers.get("cache-control", "")
    if _NOT_KEPT.search(control):
        return 0.0
    max_age = _MAX_AGE.search(control)
    if max_age is not None:
        return _span(float(max_age.group(1)) - (_number(headers.get("age", "")) or 0.0))
    if "expires" not in headers:
        return None
    moment = _http_date(headers["expires"])
    return 0.0 if moment is None else _until(moment, headers, now)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait: `Retry-After` (seconds or date), else one of `RESETS`.

    The latter is an ISO time (Mastodon), seconds since 1970 (Bluesky, X), or seconds from now.
    """
    wait = headers.get("retry-after", "").strip()
    seconds = _number(wait)
    if seconds is not None:
        return _span(seconds)
    moment = _http_date(wait)
    return _reset(headers, now) if moment is None else _until(moment, headers, now)


def rest_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until the next request may be sent, where this one was the last that is allowed
    (`X-RateLimit-Remaining: 0`); else None.
    """
    used_up = _number(headers.get("x-ratelimit-remaining", "")) == 0
    return _reset(headers, now) if used_up else None


def scarce_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until more requests may be sent, where no more than a tenth of those allowed are
    left: who is in no hurry leaves them to others. None where there are enough, or it says nothing.
    """
    limit, left = (
        next((_number(headers[name]) for name in names if name in headers), None)
        for names in (LIMITS, REMAINING)
    )
    scarce = limit is not None and left is not None and left <= limit / 10
    return _reset(headers, now) if scarce else None


def _reset(headers: Mapping[str, str], now: datetime) -> float | None:
    value = next((headers[name] for name in RESETS if name in headers), "").strip()
    seconds = _number(value)
    if seconds is not None and seconds < _EPOCH_FROM:
        return _span(seconds)
    moment = _iso_time(value) if seconds is None else _unix_time(seconds)
    return None if moment is None else _until(moment, headers, now)


def _iso_time(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _unix_time(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _until(moment: datetime, headers: Mapping[str, str], now: datetime) -> float:
    """By the server's own clock, where it tells its time: ours or its may be wrong."""
    return _span((moment - (_http_date(headers.get("date", "")) or now)).total_seconds())


def _span(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST)


def _number(value: str) -> float | None:
    return float(value) if _SECONDS.fullmatch(value.strip()) else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
