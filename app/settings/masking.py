"""Values as they may be printed: without the secrets in them."""

import re

MASK = "********"
_SECRET_PARAMETER = re.compile(r"(?<=[?&])((?:ssl)?password)=[^&]*", re.IGNORECASE)


def without_passwords(url: str) -> str:
    """A URL without its passwords, also where it is no proper one: rather too much is masked."""
    scheme, separator, rest = url.partition("://")
    userinfo, at, place = rest.rpartition("@")
    if at and ":" in userinfo:
        rest = f"{userinfo.partition(':')[0]}:{MASK}@{place}"
    return scheme + separator + _SECRET_PARAMETER.sub(rf"\1={MASK}", rest)


def masked(text: str, *, secret: bool) -> str:
    """A value as an error message names it; of a secret, only a URL's harmless parts are shown."""
    if "://" in text:
        return repr(without_passwords(text))
    return repr(MASK if secret else text)
