"""`moocfeed doctor`."""

from dataclasses import asdict

import typer

from app import doctor as checks
from app import wiring
from app.cli.common import Json, configured, echo_json


def doctor(as_json: Json = False) -> None:
    """Check the installation; each failing line gives the command that mends it."""
    services = wiring.build(configured())
    findings = []
    for finding in checks.examine(services):
        findings.append(finding)
        if not as_json:
            _print(finding)
    ok = all(finding.ok for finding in findings)
    if as_json:
        echo_json({"ok": ok, "checks": [asdict(finding) for finding in findings]})
    if not ok:
        raise typer.Exit(1)


def _print(finding: checks.Finding) -> None:
    typer.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.message}")
    if finding.mend and not finding.ok:
        typer.echo(f"      mend: {finding.mend}")
