"""`examcard show`, `examcard init` and `examcard upgrade`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.common import (
    FINDINGS,
    FieldOption,
    ModelOption,
    ScannerOption,
    SoftwareOption,
    VendorOption,
    cards,
    field_strengths,
    here,
    print_json,
    print_table,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.pipeline import Card
    from generator.spec.upgrade import Difference


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(show)
    app.command()(init)
    app.command()(upgrade)


def show(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Protocol file, or id of a shipped protocol.")],
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    scanner: ScannerOption = None,
    origins: Annotated[bool, typer.Option("--origins", help="File, line and source of every value.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON, origins included.")] = False,
) -> None:
    """Show a protocol as a scanner gets it, and what site and scanner changed in it."""
    made = cards([spec], vendor, field_strengths(field_strength), model, software, scanner)
    if json:
        print_json([_as_data(card) for card in made])
        return
    for card in made:
        _print(card, origins)


def _print(card: Card, origins: bool) -> None:
    from generator.spec.show import overrides
    from generator.spec.show import show as values_of

    typer.echo(f"# {card.spec.protocol_id} for {card.target}")
    for sentence in overrides(card.spec):
        typer.echo(f"# {sentence}")
    for part in values_of(card.resolved):
        typer.echo(f"\n{part.title}")
        for value in part.values:
            cited = f"  ({value.source})" if value.source else ""
            remark = f"  # {value.origin}{cited}" if origins else ""
            typer.echo(f"  {value.field}: {value.text}{remark}")


def _as_data(card: Card) -> dict[str, Any]:
    from dataclasses import asdict

    from generator.spec.show import overrides
    from generator.spec.show import show as values_of

    return {
        "protocol": card.spec.protocol_id,
        "target": card.target.model_dump(mode="json"),
        "overrides": list(overrides(card.spec)),
        "parts": [asdict(part) for part in values_of(card.resolved)],
    }


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; it must be new or empty.")],
) -> None:
    """Make a site: two scanners, one protocol of its own, editor schema, a check for every change."""
    from generator.site import make

    files = make(folder)
    for name in files:
        typer.echo(folder / name)
    typer.echo(f"next: cd {folder} && examcard build")


def upgrade(
    accept: Annotated[
        bool, typer.Option("--accept", help="Take the new versions: pins and copies are written.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show what newer upstream protocols change for this site; exit 1 if a change of its own conflicts."""
    from generator.site import accept_upgrades, pending

    found = pending(here())
    if json:
        print_json([one.as_data() for one in found])
    elif not found:
        typer.echo("every protocol extends the newest version there is")
    else:
        for one in found:
            _print_differences(f"{one.path}: {one.name}@{one.old} -> @{one.new}", one.differences)
    if accept:
        for path in accept_upgrades(found):
            typer.echo(f"written: {path}")
    if any(difference.conflict for one in found for difference in one.differences):
        raise typer.Exit(FINDINGS)


def _print_differences(title: str, differences: Sequence[Difference]) -> None:
    rows = [(one.step, one.field, one.old, one.new, one.conflicts) for one in differences]
    if not rows:
        raise UsageError(f"{title}: the two versions are the same for every scanner of the site")
    print_table(title, ("step", "field", "was", "is", "conflicts with"), rows)
