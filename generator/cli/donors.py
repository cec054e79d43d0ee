"""`examcard donors`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FINDINGS,
    DonorOption,
    FieldOption,
    FromOption,
    ModelOption,
    PlanOption,
    SoftwareOption,
    SpecArguments,
    VendorOption,
    cards,
    complain,
    existing,
    field_strengths,
    pins,
    print_json,
    print_table,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.pipeline import Card
    from generator.vendors.matching import Plan


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(donors)


def donors(
    spec: SpecArguments,
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    donor: DonorOption = None,
    donor_plan: PlanOption = None,
    from_step: FromOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print the plan as YAML, to edit and pass to build --donor-plan.")
    ] = False,
) -> None:
    """Say which step of a site's exports serves which scan, what it inherits, and what is missing."""
    from generator import donors as library
    from generator import vendors

    if not donor:
        raise UsageError("give the exports with --donor FILE; it may be repeated and may be a folder")
    made = cards(spec, vendor, field_strengths(field_strength), model, software)
    if as_yaml and len(made) != 1:
        raise UsageError("--yaml writes one plan: name one --vendor and one --field-strength")
    wanted, paths = pins(donor_plan, from_step), tuple(map(existing, donor))
    plans = []
    for card in made:
        dialect = vendors.get(card.target.vendor)
        plan, skipped = library.make_plan(dialect, card.protocol, card.target, paths, wanted)
        plans.append((card, plan))
        for text in (*skipped, *plan.warnings):
            complain(f"note: {text}")
    if as_yaml:
        ((card, plan),) = plans
        typer.echo(library.to_yaml(plan, card.protocol, card.target), nl=False)
    elif as_json:
        found = [
            {"protocol": card.spec.protocol_id, "target": card.target.model_dump(), **library.to_json(plan)}
            for card, plan in plans
        ]
        print_json(found[0] if len(found) == 1 else found)
    else:
        for card, plan in plans:
            _print(card, plan)
    if any(plan.gaps for _, plan in plans):
        raise typer.Exit(FINDINGS)


def _print(card: Card, plan: Plan) -> None:
    from generator import donors as library

    title = (
        f"{card.spec.protocol_id} for {card.target}, from donors of {plan.release or 'an unknown release'}"
    )
    headers = ("scan", "donor step", "score", "patched", "inherited")
    print_table(title, headers, library.table(plan), right=(2, 3))
    for one in plan.along:
        typer.echo(f"comes along: {one.step.label} of {one.donor.file}")
    for line in library.shopping_list(plan):
        typer.echo(f"missing: {line}")
