"""X's API as a source of kind `x` uses it: its address, and what it has sold this month."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from collectors.contract import CollectError
from models.domain.links import host_key
from models.domain.source import SPENT, SourceSpec

API = "https://api.x.com"
SITES = frozenset({"x.com", "twitter.com", "api.x.com", "api.twitter.com"})


def api(source: SourceSpec) -> str:
    """X's own, or the origin the source was registered under: of a server that speaks alike."""
    parts = urlsplit(source.url)
    if host_key(source.url).removeprefix("www.") not in SITES:
        return f"{parts.scheme}://{parts.netloc}"
    if parts.path.strip("/").partition("/")[0] not in {"", "hashtag", "search"}:
        raise CollectError(
            "no-account",
            f"{source.url} is one account, and X is only searched for the course's hashtags",
            mend="register https://x.com, which brings that account's posts with a hashtag too",
        )
    return API


def month(source: SourceSpec) -> str:
    return datetime.fromtimestamp(source.now, UTC).strftime("%Y-%m")


def next_month(source: SourceSpec) -> datetime:
    now = datetime.fromtimestamp(source.now, UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)


def spent(source: SourceSpec) -> int:
    """Reads of this month."""
    return int(_kept(source).get("reads", 0))


def checked(source: SourceSpec) -> int:
    """Reads of this month, of `spent`, that went to looking at older posts again."""
    return int(_kept(source).get("checks", 0))


def account(source: SourceSpec, reads: int, checks: int | None = None) -> Mapping[str, Any]:
    """What a cursor keeps under `SPENT`: the month, its reads, and those for checks among them."""
    checks = checked(source) if checks is None else checks
    return {"month": month(source), "reads": reads, **({"checks": checks} if checks else {})}


def _kept(source: SourceSpec) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = source.cursor.get(SPENT) or {}
    return kept if kept.get("month") == month(source) else {}
