"""Which methods an address takes: most are read, three are written to by servers elsewhere."""

import re

READ = "GET, HEAD, OPTIONS"
POSTED = "OPTIONS, POST"
BOTH = "GET, HEAD, OPTIONS, POST"

_CALLBACK = re.compile(r"/websub/[0-9a-f]{32}")
_POSTED = frozenset({"/webmention", "/websub/hub"})


def allowed_at(path: str) -> str:
    """The value of `Allow` (RFC 9110 §10.2.1) for an address of the service, known or not."""
    if path in _POSTED:
        return POSTED
    return BOTH if _CALLBACK.fullmatch(path) else READ
