"""What a kind of source wants from the person who registers one: a secret, options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from collectors.contract import Collector
from models.domain.errors import Invalid


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave along with an address."""

    secret: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


NOTHING_GIVEN = Given()


@dataclass(frozen=True, slots=True)
class Needs:
    """What a kind takes."""

    takes: str | None = None
    """What its secret is (`an app password`), or None where it takes none."""
    options: Mapping[str, Callable[[str], Any]] = field(default_factory=dict)
    """Name -> how the given text is read; raises `Invalid`."""
    note: str | None = None
    """One sentence that whoever registers one has to know."""

    def check(self, kind: str, given: Given) -> Mapping[str, Any]:
        """The options as they are stored. Raises `Invalid` for what the kind does not take."""
        if given.secret is not None and self.takes is None:
            raise Invalid(f"sources of kind {kind} take no token: leave --token-stdin out", "token")
        for name in given.options:
            if name not in self.options:
                raise Invalid(f"sources of kind {kind} {self._instead(name)}", name)
        return {name: self.options[name](text) for name, text in given.options.items()}

    def _instead(self, name: str) -> str:
        known = " and ".join(self.options)
        return f"take no option {name!r}: " + (f"they take {known}" if known else "leave it out")


@runtime_checkable
class _Needing(Protocol):
    needs: Needs


def needs_of(collector: Collector) -> Needs:
    """What sources of this kind take; nothing, unless its collector says so in `needs`."""
    return collector.needs if isinstance(collector, _Needing) else Needs()


def text(given: str) -> str:
    """An option that is a text."""
    if not given.strip():
        raise Invalid("an option's value is missing: write --option NAME=VALUE")
    return given.strip()


def count(least: int) -> Callable[[str], int]:
    """An option that is a whole number."""

    def read(given: str) -> int:
        if not given.strip().isdecimal() or int(given) < least:
            raise Invalid(f"{given!r} is no number this option takes: give one from {least} on")
        return int(given)

    return read
