"""The Link header (RFC 8288), as far as discovery needs it."""

import re
from collections.abc import Iterator

LONGEST = 8000
_LINK = re.compile(r"<([^<>]{0,2000})>([^<>]{0,2000})")
_PARAMETER = re.compile(r";\s*([\w*-]{1,40})\s*=\s*(?:\"([^\"]*)\"|([^\",;\s]+))")


def parsed(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(target, parameters) of each link; names in lower case, targets as written."""
    for match in _LINK.finditer(value[:LONGEST]):
        parameters: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(match[2]):
            parameters.setdefault(name.lower(), quoted or bare)
        yield match[1].strip(), parameters


def links_of(value: str) -> Iterator[tuple[str, str]]:
    """(target, relation) for each relation of each link, relations in lower case."""
    for target, parameters in parsed(value):
        for rel in parameters.get("rel", "").lower().split():
            yield target, rel
