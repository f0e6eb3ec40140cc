"""Whether a running service keeps to its own description."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
STREAM = "text/event-stream"


def conforms(
    base: str,
    known: Mapping[str, Sequence[str]],
    examples: int,
    credentials: Mapping[str, str] | None = None,
) -> Mapping[str, set[int]]:
    """Asks every operation so many times; raises at the first broken promise. Streams have no
    end to wait for, and are left out.

    `credentials` are headers for operations that strangers may not ask, sent each other time.
    `known` are values of parameters that exist, by name: others are made up now and then. Returns
    the statuses that were answered, by path.
    """
    schema = schemathesis.openapi.from_url(f"{base}/api/v1/openapi.json")
    answered: dict[str, set[int]] = defaultdict(set)
    turns: dict[str, Iterator[int]] = defaultdict(count)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if STREAM in operation.definition.raw["responses"]["200"]["content"]:
            continue

        @given(case=operation.as_strategy(), data=st.data())
        @settings(
            max_examples=examples,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any, data: st.DataObject) -> None:
            turn = next(turns[case.operation.path])  # by turns, so that nothing is left to chance
            places = (case.path_parameters, case.query)
            for made_up, place in enumerate(places):
                for name in sorted(set(place) & set(known)):
                    value = data.draw(st.sampled_from(known[name]))
                    if turn % 3 != made_up:
                        place[name] = value
            if turn % 2 == 0:
                required = {one.name for one in case.operation.query if one.is_required}
                case.query = {name: case.query[name] for name in required & set(case.query)}
            if turn % 2 == 0 and "401" in case.operation.definition.raw["responses"]:
                case.headers = {**(case.headers or {}), **(credentials or {})}
            response = case.call_and_validate(base_url=base, checks=CHECKS)
            answered[case.operation.path].add(response.status_code)

        ask()
    return answered
