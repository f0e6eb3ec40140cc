"""Addresses: which may be shown, which are the same page, which of several to show.

Nothing here raises on what a stranger wrote; what is no address is None or left as it is.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote_to_bytes,
    urlencode,
    urljoin,
    urlsplit,
)

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
    r"(?P<path>(?:/[\w.~!$&'()*+,;=:@-]+)*+/?)",
    re.ASCII,
)
"""Addresses whose canonical form is seen at once: host in lower case, a path and nothing else."""
_HOST = re.compile(r"https?://(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)*+)(?=[/?#]|\Z)")
_CONTROLS = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_COMMENT = re.compile(r"(comment|c|li-comment|kommentar|IDComment)-?\d+", re.IGNORECASE)
_AMP_BACKWARDS = re.compile(r"(?:pma[/.]|/)*+", re.IGNORECASE)
"""The end of a path that only makes another form of the page, read from behind: in linear time."""
_WWW = re.compile(r"^(www\.)+(?=.)")
_TRACKING = re.compile(
    r"utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|__?hs\w+|mc_[ce]id|fbclid|gclid|gclsrc|dclid|wbraid|gbraid"
    r"|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|ref_src|ref_url|ncid|cmpid|wt_\w+"
    r"|at_\w+|xtor|spm|vero_\w+|oly_\w+|_openstat|trkcampaign",
    re.IGNORECASE,
)


def absolute(url: str, base: str | None) -> str | None:
    """The address as an absolute http(s) URL, relative ones resolved against `base`; else None.

    Spaces within are encoded; addresses with a user's name in them are refused.
    """
    if len(url) <= LONGEST and _PLAIN.fullmatch(url):
        return url
    url = url.strip()
    if len(url) > LONGEST:
        return None
    try:
        joined = urljoin(base if base and len(base) <= LONGEST else "", url)
        cleaned = _CONTROLS.sub(lambda match: quote(match.group(), errors="ignore"), joined)
        parts = urlsplit(cleaned)
        usable = (
            parts.scheme in DEFAULT_PORTS
            and parts.hostname
            and "@" not in parts.netloc
            and parts.port != 0
        )
    except ValueError:
        return None
    return cleaned if usable and len(cleaned) <= LONGEST else None


def is_web_url(text: str) -> bool:
    """Whether this is an absolute http(s) address as it stands."""
    return text.startswith(("http://", "https://")) and absolute(text, None) == text


def is_site_root(url: str) -> bool:
    """Whether the address names a whole site: no path, no query, no fragment."""
    if _USUAL.fullmatch(url) is not None:
        return url.count("/") == 2 or (url.count("/") == 3 and url.endswith("/"))
    parts = _split(url)
    return parts is not None and parts.path in {"", "/"} and not (parts.query or parts.fragment)


@lru_cache(maxsize=8192)
def canonical(url: str) -> str:
    """The form that two addresses of one page share: a key, never shown.

    Without scheme's difference, `www.`, default port, trailing slash, fragment (a comment keeps
    its own), tracking parameters and AMP; the query sorted, percent-encoding spelled one way.
    What cannot be read as an address is returned as it is.
    """
    usual = _USUAL.fullmatch(url) if len(url) <= LONGEST else None
    if usual is not None:
        return f"https://{usual['host']}{_without_amp(usual['path'])}"
    parts = _split(url) if len(url) <= LONGEST else None
    if parts is None or not parts.hostname:
        return url
    host = _WWW.sub("", _host(parts))
    port = "" if _port(parts) in {None, 80, 443} else f":{_port(parts)}"
    path = _without_amp(_encoded(parts.path))
    query = [pair for pair in _query(parts) if not _is_noise(*pair)]
    text = f"https://{host}{port}{path}"
    if query:
        text += "?" + urlencode(sorted(query))
    if _COMMENT.fullmatch(parts.fragment):
        text += "#" + parts.fragment.lower()
    return text


def without_tracking(url: str) -> str:
    """The address as published, without tracking parameters."""
    parts = _split(url)
    if parts is None or not parts.query:
        return url
    pairs = parts.query.split("&")
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]
    return url if len(kept) == len(pairs) else parts._replace(query="&".join(kept)).geturl()


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
    port = _port(parts)
    if ":" in host:
        host = f"[{host}]"
    return host if port in {None, DEFAULT_PORTS.get(parts.scheme)} else f"{host}:{port}"


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
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host


def _encoded(path: str) -> str:
    """Percent-encoding decoded and made anew, so that one path has one spelling."""
    collapsed = re.sub(r"/{2,}", "/", path)
    segments = (unquote_to_bytes(segment) for segment in collapsed.split("/"))
    return "/".join(quote(segment, safe="!$&'()*+,;=:@~") for segment in segments)


def _without_amp(path: str) -> str:
    return _AMP_BACKWARDS.sub("", path[::-1], count=1)[::-1]


def _query(parts: SplitResult) -> list[tuple[str, str]]:
    try:
        return parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return [(parts.query, "")]


def _is_noise(name: str, value: str) -> bool:
    if name.lower() == "amp":
        return value in {"", "1", "true"}
    return _TRACKING.fullmatch(name) is not None
