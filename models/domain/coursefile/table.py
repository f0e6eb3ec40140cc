"""Taking values out of a TOML table: each is checked, and what is left over is refused.

Every refusal is one sentence that names the key and the mend.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from models.domain.errors import Invalid
from models.domain.links import absolute

YEARS = range(1990, 2200)
"""Years a course may lie in: what is beyond is a slip of the pen."""

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBERS = re.compile(r"\[\d+\]")

E = TypeVar("E", bound=StrEnum)


class Table:
    """A TOML table whose keys are taken out one by one.

    `place` is where it stands in the file, dotted from the outside in: `weeks[0].events[1]`.
    """

    def __init__(self, content: Mapping[str, Any], place: str = "") -> None:
        self._content = dict(content)
        self._known: list[str] = []
        self.place = place

    def name(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def refuse(self, key: str, problem: str) -> Invalid:
        return Invalid(f"{self.name(key)} {problem}", self.name(key))

    def take(self, key: str) -> Any:
        self._known.append(key)
        return self._content.pop(key, None)

    def missing(self, key: str, example: str = '"…"') -> Invalid:
        """Also where another key is left over that may have been meant."""
        alike = difflib.get_close_matches(key, self._content, n=1)
        if alike:
            return self.refuse(
                key, f'is missing; "{alike[0]}" is there: is it meant to be "{key}"?'
            )
        return self.refuse(key, f"is missing: write {key} = {example}")

    def table(self, key: str) -> "Table":
        value = self.take(key)
        if not isinstance(value, dict):
            problem = "is missing" if value is None else "must be a table"
            raise self.refuse(key, f"{problem}: write [{self._header(key)}] on a line of its own")
        return Table(value, self.name(key))

    def tables(self, key: str) -> Iterator["Table"]:
        value = self.take(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            header = f"[[{self._header(key)}]]"
            raise self.refuse(key, f"must be a list of tables: write {header} before each of them")
        for number, item in enumerate(value):
            yield Table(item, f"{self.name(key)}[{number}]")

    def _header(self, key: str) -> str:
        return _NUMBERS.sub("", self.name(key))

    def optional_text(self, key: str) -> str | None:
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"must be a text in quotes, and not empty (is {shown(value)})")
        if found := _UNSEEN.search(value):
            raise self.refuse(key, f"holds the control character U+{ord(found[0]):04X}: remove it")
        return value.strip()

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            raise self.missing(key)
        return value

    def optional_url(self, key: str) -> str | None:
        value = self.optional_text(key)
        if value is None:
            return None
        url = absolute(value, None)
        if url is None:
            raise self.refuse(
                key, f"must be an address that begins with https:// (is {shown(value)})"
            )
        return url

    def url(self, key: str) -> str:
        value = self.optional_url(key)
        if value is None:
            raise self.missing(key, '"https://…"')
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, f"must be true or false, without quotes (is {shown(value)})")
        return value

    def choice(self, key: str, default: E) -> E:
        value = self.take(key)
        if value is None:
            return default
        for option in type(default):
            if value == option.value:
                return option
        allowed = " or ".join(f'"{option.value}"' for option in type(default))
        raise self.refuse(key, f"must be {allowed} (is {shown(value)})")

    def optional_day(self, key: str) -> date | None:
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            raise self.refuse(
                key, f"must be a date like 2014-10-06, without quotes or time (is {shown(value)})"
            )
        self._check_year(key, value)
        return value

    def moment(self, key: str) -> datetime:
        """Naive where the file gives no offset."""
        value = self.take(key)
        if value is None:
            raise self.missing(key, "2014-10-09T11:00:00")
        if not isinstance(value, datetime):
            raise self.refuse(
                key, f"must be a time like 2014-10-09T11:00:00, without quotes (is {shown(value)})"
            )
        self._check_year(key, value)
        return value

    def _check_year(self, key: str, value: date) -> None:
        if value.year not in YEARS:
            raise self.refuse(
                key, f"must lie between {YEARS[0]} and {YEARS[-1]} (is {value.isoformat()})"
            )

    def finish(self) -> None:
        """Refuses keys that nobody asked for."""
        for key in self._content:
            alike = difflib.get_close_matches(key, self._known, n=1)
            mend = (
                f'did you mean "{alike[0]}"?'
                if alike
                else f"what may stand there is {', '.join(self._known)}"
            )
            raise self.refuse(key, f"is not known: {mend}")


def shown(value: Any) -> str:
    """A value as its file has it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = f'"{" ".join(value.split())}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
