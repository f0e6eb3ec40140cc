"""`moocfeed stats`: how far what was collected can be relied on."""

from collections.abc import Sequence
from typing import Any

import typer

from app.cli.common import Json, Slug, echo_json, echo_table, ready, stamp
from models.store import courses, coverage
from models.store.coverage import InstanceCoverage, SourceCoverage


def stats(course: Slug, as_json: Json = False) -> None:
    """Coverage: how soon each source's posts arrive, its gaps, what each instance shows."""
    services = ready()
    with services.database.reading() as session:
        row = courses.plain_course(session, course)
        sources = coverage.of_sources(session, course)
        instances = coverage.of_instances(session, row.id)
    if as_json:
        echo_json(
            {
                "course": course,
                "coverage": {
                    "sources": [_source(one) for one in sources],
                    "instances": [_instance(one) for one in instances],
                },
            }
        )
        return
    _show(sources, instances)


def _source(one: SourceCoverage) -> dict[str, Any]:
    return {
        "id": one.source.id,
        "kind": one.source.kind,
        "url": one.source.url,
        "last_success_at": stamp(one.source.last_success_at),
        "posts_timed": one.posts_timed,
        "delay_p50": one.delay_p50,
        "delay_p95": one.delay_p95,
        "gaps": [{"from": stamp(begin), "to": stamp(end)} for begin, end in one.gaps],
    }


def _instance(one: InstanceCoverage) -> dict[str, Any]:
    return {"source": one.source_id, "first": one.first, "late": one.late, "never": one.never}


def _show(sources: Sequence[SourceCoverage], instances: Sequence[InstanceCoverage]) -> None:
    if not sources:
        typer.echo("There is no source yet: `moocfeed source add URL --course SLUG` adds one.")
        return
    echo_table(
        ("id", "kind", "posts timed", "half within", "95 % within", "gaps", "url"),
        [
            (
                one.source.id,
                one.source.kind,
                str(one.posts_timed),
                _seconds(one.delay_p50),
                _seconds(one.delay_p95),
                str(len(one.gaps)),
                one.source.url,
            )
            for one in sources
        ],
    )
    if instances:
        echo_table(
            ("instance", "first", "late", "never"),
            [(one.source_id, str(one.first), str(one.late), str(one.never)) for one in instances],
        )


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f} s"
