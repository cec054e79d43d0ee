"""`examcard fit`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FINDINGS,
    FieldOption,
    ModelOption,
    SoftwareOption,
    VendorOption,
    console,
    field_strengths,
    print_json,
    print_table,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.fit import Fit
    from generator.spec.spec import Spec


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(fit)


def fit(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Protocol file, or id of a shipped protocol.")],
    budget: Annotated[str, typer.Option("--budget", metavar="15min", help="Time that the scans may take.")],
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    patch: Annotated[
        Path | None, typer.Option("--patch", metavar="FILE", help="Write the unified diff there.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the fitted protocol as a new file.")] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The file for --apply.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files.")] = False,
) -> None:
    """Propose the least harmful changes that bring a protocol under a time budget.

    Acceleration, partial Fourier, field of view in phase, slices, averages, optional scans: never the voxel,
    never TR, TE or TI, never what breaks a rule. Exit code 1: the budget is out of reach.
    """
    if apply != (output is not None):
        raise UsageError("--apply and -o FILE go together")
    loaded, fits = _fits(spec, vendor, field_strengths(field_strength), _seconds(budget), model, software)
    old, new = _texts(loaded, fits, output)
    difference = _difference(loaded, old, new)
    if json:
        print_json([_as_data(one) for one in fits])
    else:
        _print(fits, difference if patch is None and output is None else "")
    _write(patch, difference, force)
    _write(output, new if new != old else "", force)
    if not all(one.reached for one in fits):
        raise typer.Exit(FINDINGS)


def _seconds(budget: str) -> float:
    from generator.model import units

    try:
        seconds = units.parse(budget, "s")
    except units.UnitError as error:
        raise UsageError(f"--budget: {error}; write it with its unit, such as 15min or 900s") from error
    if seconds <= 0:
        raise UsageError(f"--budget: {budget} is no time")
    return seconds


def _fits(
    reference: str,
    vendor: Sequence[str] | None,
    fields: tuple[float, ...] | None,
    budget: float,
    model: str | None,
    software: str | None,
) -> tuple[Spec, list[Fit]]:
    from generator import pipeline
    from generator.fit import fit as fit_protocol
    from generator.spec.load import find, load
    from generator.spec.scanners import find_scanner

    paths = find(reference)
    if len(paths) != 1:
        raise UsageError(f"one protocol is fitted at a time; {reference} holds {len(paths)}")
    loaded = load(paths[0])
    targets = pipeline.targets(loaded, vendor, fields, model, software)
    return loaded, [
        fit_protocol(loaded.resolve(target).protocol, target, budget, find_scanner(target))
        for target in targets
    ]


def _texts(loaded: Spec, fits: Sequence[Fit], output: Path | None) -> tuple[str, str]:
    """The protocol's file as it is, and with what was fitted."""
    from generator.fit.patch import patched
    from generator.spec.source import read_source

    old = read_source(loaded.path).text
    return old, patched(old, loaded, [one for one in fits if one.status == "fitted"], output)


def _difference(loaded: Spec, old: str, new: str) -> str:
    from generator.fit.patch import difference
    from generator.spec.source import shown

    name = shown(loaded.path)
    return difference(old, new, loaded.path.name if name.startswith("/") else name)


def _write(path: Path | None, text: str, force: bool) -> None:
    """Write a result; where nothing was fitted there is nothing to write."""
    from generator.output import write_file

    if path is not None and text:
        write_file(path, text.encode(), force)


def _as_data(one: Fit) -> dict[str, object]:
    from generator.fit.render import as_data

    return as_data(one)


def _print(fits: Sequence[Fit], difference: str) -> None:
    from generator.fit.render import HEADERS, rows, sentences

    for one in fits:
        title = f"{one.original.name}, {one.target}"
        if one.changes:
            print_table(title, HEADERS, rows(one), right=(4, 5, 6))
        else:
            console().print(title, markup=False)
        for sentence in sentences(one):
            console().print(sentence, markup=False)
    if difference:
        typer.echo(f"\n{difference}", nl=False)
