"""`examcard build`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FINDINGS,
    FieldOption,
    ModelOption,
    ScannerOption,
    SoftwareOption,
    SpecArguments,
    VendorOption,
    cards,
    complain,
    existing,
    field_strengths,
    here,
    print_table,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.pipeline import Card
    from generator.rules.engine import Report
    from generator.vendors.dialect import BuildOptions, Export


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(build)


@dataclass(frozen=True)
class Made:
    """One export that is ready to be written."""

    card: Card
    report: Report
    export: Export
    folder: Path
    files: dict[str, bytes]


def build(
    spec: SpecArguments = None,
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    scanner: ScannerOption = None,
    all_targets: Annotated[
        bool, typer.Option("--all-targets", help="Every vendor at every field strength of the spec.")
    ] = False,
    donor: Annotated[
        Path | None, typer.Option("--donor", metavar="FILE", help="Export of the site's own scanner.")
    ] = None,
    keep_notes: Annotated[
        bool, typer.Option("--keep-notes", help="Let notes and pictures of the donor travel.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Output folder; out, or what site.yaml says."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there; build in spite of errors and say so.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if anything was lost.")] = False,
) -> None:
    """Check protocols and write them in their vendors' formats."""
    from generator import output as disk
    from generator.pipeline import doubles
    from generator.vendors.dialect import BuildOptions

    if spec and not (all_targets or vendor or scanner):
        raise UsageError("say for which --vendor and --field-strength to build, or --all-targets")
    folder = output or (Path("out") if spec else here().output)
    options = BuildOptions(donor=existing(donor) if donor else None, keep_notes=keep_notes)
    made_for = cards(spec, vendor, field_strengths(field_strength), model, software, scanner)
    if same := doubles(made_for):
        raise UsageError("; ".join(same) + "; a build needs an id of its own for each")
    made = [one for card in made_for if (one := _make(card, options, folder, force))]
    for one in made:
        disk.refuse_existing(one.folder, one.files, force)
    for one in made:
        disk.write_folder(one.folder, one.files, force)
    if made:
        _print(made, folder)
    lost = strict and any(one.export.losses for one in made)
    if len(made) < len(made_for) or lost:
        raise typer.Exit(FINDINGS)


def _make(card: Card, options: BuildOptions, output: Path, force: bool) -> Made | None:
    """Check and build one card in memory; ``None`` if errors stop it."""
    from dataclasses import replace

    from generator import manifest, pipeline
    from generator.text import counted

    report = pipeline.check(card)
    errors = report.of_severity("error")
    if errors:
        name = f"{card.spec.protocol_id} for {card.target}"
        done = f"built in spite of {counted(len(errors), 'error')}, and says so" if force else "not built"
        complain(f"{name}: {done}; see `examcard check`")
        for finding in errors:
            scan = f"{finding.step_name}: " if finding.step_name else ""
            complain(f"  {card.position(finding) or card.spec.path}: {finding.code} {scan}{finding.message}")
    if errors and not force:
        return None
    warnings = tuple(f"built in spite of error {f.code}: {f.message}" for f in errors)
    export = pipeline.build(card, replace(options, warnings=warnings))
    facts = manifest.manifest(card.protocol, card.target, export, manifest.digest(card.spec.files), warnings)
    files = {**export.files, manifest.NAME: manifest.to_bytes(facts)}
    return Made(card, report, export, output / pipeline.folder_of(card, export.kind), files)


def _print(made: Sequence[Made], output: Path) -> None:
    from generator.text import clock, counted

    rows = []
    for one in made:
        losses = one.export.losses
        line = one.card.timeline
        total = clock(line.counted) if line.complete else f"> {clock(line.counted)}" if line.counted else "?"
        size = sum(map(len, one.files.values()))
        rows.append(
            (
                *(one.card.spec.protocol_id, str(one.card.target), one.export.kind, total),
                *(str(len(losses)), f"{size / 1024:.0f} kB", str(one.folder.relative_to(output))),
            )
        )
    headers = ("protocol", "target", "kind", "time", "losses", "size", f"folder in {output}")
    print_table(counted(len(made), "card"), headers, rows, right=(3, 4, 5))
