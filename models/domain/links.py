"""Addresses: which may be shown, which are the same page, which of several to show.

Nothing here but `host_key` raises on what a stranger wrote; what is no address is None or left as
it is.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import SplitResult, quote, quote_plus, unquote_to_bytes, urljoin, urlsplit

import idna

LONGEST = 2000
"""Characters of an address; browsers and servers give up beyond."""
DEFAULT_PORTS = {"http": 80, "https": 443}

_PLAIN = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?(?::[1-9]\d{0,3})?(?:[/?#][!-~]*)?"
)
"""Addresses that need no second look: most are."""
_USUAL = re.compile(
    r"https?://(?:www\.)*+(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)"
    r"(?P<path>(?:/[\w.~!$&'()*+,;=:@-]+)*+/?)(?P<query>\?p=\d+)?",
    re.ASCII,
)
"""Addresses whose canonical form is seen at once: host in lower case, a path, and at most the
number by which WordPress names a post."""
_SHORT = re.compile(r"https://[^?#]*\?p=\d+", re.ASCII)
_HOST = re.compile(
    r"https?://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*+"
    r"(?::(?!(?:80|443)\b)(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?)(?=[/?#]|\Z)"
)
_BREAKS = re.compile(r"[\t\r\n]+")
_CONTROLS = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_NO_HOST = re.compile(r"[\s\x00-\x20\x7f\ud800-\udfff<>\"\\^`{|}%@\[\]]")
"""The forbidden domain code points of the URL standard."""
_COMMENT = re.compile(r"(?:[a-z-]*comment|kommentar|c)[-_]?\d+", re.IGNORECASE)
_AMP_ENDINGS = ("/amp", ".amp")
_WWW = re.compile(r"^(www\.)+(?=.)")
_TRACKING = re.compile(
    r"utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|__?hs\w+|mc_[ce]id|fbclid|gclid|gclsrc|dclid|wbraid|gbraid"
    r"|gad_\w+|srsltid|_ga|_gl|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|ref_src|ref_url"
    r"|ncid|cmpid|wt_\w+|at_\w+|xtor|spm|vero_\w+|oly_\w+|_openstat|trkcampaign|mkt_tok|wprov",
    re.IGNORECASE,
)


def absolute(url: str, base: str | None) -> str | None:
    """The address as an absolute http(s) URL, relative ones resolved against `base`; else None.

    An empty one names nothing. Spaces within are encoded, line breaks dropped; addresses with a
    user's name in them are refused. What was made absolute stays as it is when made so again.
    """
    if len(url) <= LONGEST and _PLAIN.fullmatch(url):
        return url
    stripped = _BREAKS.sub("", url.strip())
    if not stripped or len(stripped) > LONGEST:
        return None
    try:
        joined = urljoin(base if base and len(base) <= LONGEST else "", stripped).strip()
        cleaned = _CONTROLS.sub(lambda match: quote(match.group(), errors="ignore"), joined)
        parts = urlsplit(cleaned)
        usable = len(cleaned) <= LONGEST and parts.scheme in DEFAULT_PORTS and _names_host(parts)
    except ValueError:
        return None
    return parts.scheme + cleaned[len(parts.scheme) :] if usable else None


def _names_host(parts: SplitResult) -> bool:
    """Whether there is a host, with a port at the most beside it. Raises `ValueError` as `port`."""
    host = parts.hostname or ""
    if not host.rstrip(".") or _NO_HOST.search(host) or parts.port == 0:
        return False
    port = "" if parts.port is None else parts.netloc.rpartition(":")[2]
    return parts.netloc.removesuffix(f":{port}").lower() == _bracketed(host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def is_web_url(text: str) -> bool:
    """Whether this is an absolute http(s) address as it stands."""
    return text.startswith(("http://", "https://")) and absolute(text, None) == text


def is_tracking(name: str) -> bool:
    """Whether a parameter of this name says where a visitor came from, not what the page is."""
    return _TRACKING.fullmatch(name) is not None


def is_site_root(url: str) -> bool:
    """Whether the address names a whole site: no path, no query, no fragment."""
    usual = _USUAL.fullmatch(url)
    if usual is not None:
        return usual["path"] in {"", "/"} and not usual["query"]
    parts = _split(url)
    return parts is not None and parts.path in {"", "/"} and not (parts.query or parts.fragment)


def is_short(url: str) -> bool:
    """Whether the address names a post by its number alone, as WordPress does: `?p=123`."""
    return _SHORT.fullmatch(canonical(url)) is not None


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """The form that two addresses of one page share: a key, never shown.

    Without scheme's difference, `www.`, default port, trailing slash, fragment (a comment keeps
    its own), tracking parameters and AMP; the query sorted by name, percent-encoding spelled one
    way. What is no web address, or too long for one, is returned as it is; what is canonical is its
    own canonical form.
    """
    usual = _USUAL.fullmatch(url) if len(url) <= LONGEST else None
    if usual is not None:
        return f"https://{usual['host']}{_without_amp(usual['path'])}{usual['query'] or ''}"
    parts = _split(url) if len(url) <= LONGEST else None
    if parts is None or parts.scheme not in DEFAULT_PORTS:
        return url
    host = _WWW.sub("", _host(parts))
    if not host:
        return url
    port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    text = f"https://{_bracketed(host)}{port}{_without_amp(_encoded(parts.path))}"
    query = [pair for pair in _query(parts) if not _is_noise(*pair)]
    if query:
        text += "?" + "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in query)
    if _COMMENT.fullmatch(parts.fragment):
        text += "#" + parts.fragment.lower()
    return text


def without_tracking(url: str) -> str:
    """The address as published, without tracking parameters."""
    parts = _split(url)
    if parts is None or not parts.query:
        return url
    pairs = parts.query.split("&")
    kept = [pair for pair in pairs if not _is_tracking(*_decoded(pair))]
    return url if len(kept) == len(pairs) else parts._replace(query="&".join(kept)).geturl()


def path(url: str) -> str:
    """The address's path; empty where it has none, or is none."""
    parts = _split(url)
    return parts.path if parts is not None else ""


def host_key(url: str) -> str:
    """`example.org`, or `example.org:8080` where the port is not the scheme's own.

    In lower case, IDNA, without a trailing dot. Raises `ValueError` where there is no host.
    """
    usual = _HOST.match(url)
    return usual["host"] if usual is not None else _host_key(url)


@lru_cache(maxsize=1024)
def _host_key(url: str) -> str:
    parts = urlsplit(url)
    host = _host(parts)
    if not host:
        raise ValueError(f"there is no host in {url!r}")
    is_default = parts.port in {None, DEFAULT_PORTS.get(parts.scheme)}
    return _bracketed(host) if is_default else f"{_bracketed(host)}:{parts.port}"


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are on one host and port, `www.` or not; False where one is none."""
    try:
        return host_key(one).removeprefix("www.") == host_key(other).removeprefix("www.")
    except ValueError:
        return False


def best_address(seen: Sequence[tuple[str, bool]]) -> str:
    """Of (address, whether it is the origin's own) the one to show.

    The origin's, then https, then without tracking parameters, then the first.
    """
    return min(
        enumerate(seen),
        key=lambda item: (
            not item[1][1],
            not item[1][0].startswith("https://"),
            without_tracking(item[1][0]) != item[1][0],
            item[0],
        ),
    )[1][0]


def _split(url: str) -> SplitResult | None:
    """The parts, or None where host or port are none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii").rstrip(".")
    except (idna.IDNAError, UnicodeError):
        return host


def _encoded(path: str) -> str:
    """Percent-encoding decoded and made anew, so that one path has one spelling."""
    collapsed = re.sub(r"/{2,}", "/", path)
    segments = (unquote_to_bytes(_utf8(segment)) for segment in collapsed.split("/"))
    return "/".join(quote(segment, safe="!$&'()*+,;=:@~") for segment in segments)


def _without_amp(path: str) -> str:
    """Without slashes and AMP's endings at its end."""
    while (bare := path.rstrip("/")).lower().endswith(_AMP_ENDINGS):
        path = bare[: -len("/amp")]
    return bare


def _query(parts: SplitResult) -> list[tuple[bytes, bytes]]:
    """Names and values as bytes: old sites write theirs in ISO-8859-1."""
    pairs = (_decoded(pair) for pair in parts.query.split("&") if pair)
    return sorted(pairs, key=lambda pair: pair[0])


def _decoded(pair: str) -> tuple[bytes, bytes]:
    name, _, value = pair.replace("+", " ").partition("=")
    return unquote_to_bytes(_utf8(name)), unquote_to_bytes(_utf8(value))


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _is_noise(name: bytes, value: bytes) -> bool:
    if name.lower() == b"amp":
        return value.lower() in {b"", b"1", b"true"}
    return _is_tracking(name, value)


def _is_tracking(name: bytes, value: bytes) -> bool:
    # Medium puts `source=rss-…` into the links of its feeds.
    from_feed = name == b"source" and value.startswith(b"rss")
    return from_feed or is_tracking(name.decode("utf-8", "replace"))
