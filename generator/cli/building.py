"""`examcard build`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FINDINGS,
    DonorOption,
    FieldOption,
    FromOption,
    GapsOption,
    ModelOption,
    PlanOption,
    ScannerOption,
    SoftwareOption,
    SpecArguments,
    VendorOption,
    cards,
    complain,
    existing,
    field_strengths,
    here,
    pins,
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
    donor: DonorOption = None,
    donor_plan: PlanOption = None,
    from_step: FromOption = None,
    gaps: GapsOption = "refuse",
    keep_notes: Annotated[
        bool, typer.Option("--keep-notes", help="Let notes and pictures of the donor travel.")
    ] = False,
    vendor_parameters: Annotated[
        Path | None,
        typer.Option(
            "--vendor-parameters",
            metavar="FILE",
            help="Own parameters of the vendor that `read --yaml` wrote beside a starter; for a donor build.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Output folder; out, or what site.yaml says."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there; build in spite of errors and say so.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 if anything was lost, and say what.")
    ] = False,
    strict_about: Annotated[
        str | None,
        typer.Option(
            "--severity",
            metavar="LIST",
            help="With --strict: image, time, operator, derived; comma-separated.",
        ),
    ] = None,
) -> None:
    """Check protocols and write them in their vendors' formats."""
    from generator import output as disk
    from generator.pipeline import doubles
    from generator.vendors.dialect import BuildOptions

    if spec and not (all_targets or vendor or scanner):
        raise UsageError("say what to build for: --vendor and --field-strength, --scanner, or --all-targets")
    folder = output or (here().output if scanner or not spec else Path("out"))
    severities = _severities(strict_about)
    options = BuildOptions(
        donors=tuple(map(existing, donor or ())),
        pins=pins(donor_plan, from_step),
        gaps=gaps,  # type: ignore[arg-type]  # the dialect says which it knows
        keep_notes=keep_notes,
    )
    made_for = cards(spec, vendor, field_strengths(field_strength), model, software, scanner)
    if vendor_parameters:
        from generator.spec.side import with_parameters

        side = existing(vendor_parameters)
        made_for = [
            replace(card, protocol=with_parameters(card.protocol, card.target, side)) for card in made_for
        ]
    if same := doubles(made_for):
        raise UsageError("; ".join(same) + "; a build needs an id of its own for each")
    made = [one for card in made_for if (one := _make(card, options, folder, force))]
    disk.write_folders([(one.folder, one.files) for one in made], force)
    if made:
        _print(made, folder)
    findings = [line for one in made for line in (*_too_long(one), *_apart(one))]
    lost = [line for one in made for line in _lost(one, severities)] if strict else []
    for line in (*findings, *lost):
        complain(line)
    if len(made) < len(made_for) or findings or lost:
        raise typer.Exit(FINDINGS)


def _severities(text: str | None) -> tuple[str, ...]:
    """Read ``--severity``: what ``--strict`` is strict about, everything where nothing is named."""
    from typing import get_args

    from generator.model.words import LossSeverity

    known: tuple[str, ...] = get_args(LossSeverity)
    wanted = tuple(part.strip() for part in (text or ",".join(known)).split(","))
    if unknown := [one for one in wanted if one not in known]:
        raise UsageError(f"--severity: no severity {unknown[0]!r}", known)
    return wanted


def _lost(made: Made, severities: Sequence[str]) -> list[str]:
    """Say which losses make a strict build fail."""
    name = f"{made.card.spec.protocol_id} for {made.card.target}"
    return [
        f"{name}: {loss.step_name or 'the protocol'}: {loss.field or 'step'} {loss.kind} ({loss.severity}): "
        f"wanted {loss.wanted}, got {loss.got}: {loss.reason}"
        for loss in made.export.losses
        if loss.severity in severities
    ]


def _too_long(made: Made) -> list[str]:
    """Say if the written card takes longer than the packs that it claims allow."""
    from generator import manifest
    from generator.text import clock

    known, limit = manifest.at_least(made.card.protocol, made.export), made.card.time_limit
    if limit is None or known <= limit:
        return []
    name = f"{made.card.spec.protocol_id} for {made.card.target}"
    return [f"{name}: what was written takes {clock(known)}, over the limit of {clock(limit)}"]


def _apart(made: Made) -> list[str]:
    """Say where the written card takes another time than the spec, by more than is uncertain."""
    from generator.text import clock

    name = f"{made.card.spec.protocol_id} for {made.card.target}"
    found = []
    for index, time in made.export.times.items():
        if time.differs and time.expected is not None and time.written is not None:
            scan = getattr(made.card.protocol.steps[index], "name", index)
            both = f"the spec takes {clock(time.expected)}, what was written {clock(time.written)}"
            found.append(f"{name}: {scan}: {both}")
    return found


def _make(card: Card, options: BuildOptions, output: Path, force: bool) -> Made | None:
    """Check and build one card in memory; ``None`` if errors stop it."""
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
    facts = manifest.of_card(card, export, warnings)
    files = {**export.files, manifest.NAME: manifest.to_bytes(facts)}
    return Made(card, report, export, output / pipeline.folder_of(card, export.kind), files)


def _print(made: Sequence[Made], output: Path) -> None:
    from generator.text import counted
    from generator.timing.estimate import at_least, with_interval

    rows = []
    for one in made:
        losses = one.export.losses
        line = one.card.timeline
        total = with_interval(line.counted, line.interval) if line.complete else at_least(line.counted)
        size = sum(map(len, one.files.values()))
        rows.append(
            (
                *(one.card.spec.protocol_id, str(one.card.target), one.export.kind, total, _written(one)),
                *(str(len(losses)), f"{size / 1024:.0f} kB", str(one.folder.relative_to(output))),
            )
        )
    headers = ("protocol", "target", "kind", "time", "written", "losses", "size", f"folder in {output}")
    print_table(counted(len(made), "card"), headers, rows, right=(3, 4, 5, 6))
    for one in made:
        for remark in _of_donor(one):
            typer.echo(remark)


def _written(made: Made) -> str:
    """Time of the scans that are counted, from the parameters that were written."""
    from generator import manifest
    from generator.text import clock
    from generator.timing.estimate import at_least

    seconds = manifest.total(made.card.protocol, made.export, None)["written"]
    return at_least(manifest.at_least(made.card.protocol, made.export)) if seconds is None else clock(seconds)


_FILLED = {"pause": "to be set up by hand", "template": "rendered from templates, untested on a console"}


def _of_donor(made: Made) -> list[str]:
    """Say what a card from donors still has of them, what it lacks, and what the planning remarked."""
    plan = made.export.plan
    if plan is None:
        return []
    name = f"{made.card.spec.protocol_id} for {made.card.target}"
    kept: dict[tuple[str, str], list[str]] = {}
    for index, settings in made.export.inherited.items():
        for one in settings:
            if one.action == "kept" and one.severity == "image":
                scans = kept.setdefault((one.setting.what.replace("_", " "), one.setting.value), [])
                scans.append(plan.choices[index].scan.name)
    return [
        *(f"{name}: inherited from the donor, to be checked: {what} {value} ({', '.join(scans)})"
          for (what, value), scans in kept.items()),
        *(f"{name}: gap, {_FILLED[one.action]}: {one.scan.name}" for one in plan.gaps),
        *(f"{name}: left out, optional and without a donor step: {one.scan.name}" for one in plan.left_out),
        *(f"{name}: {text}" for text in plan.warnings),
    ]  # fmt: skip
