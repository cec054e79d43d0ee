"""`examcard timeline`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FieldOption,
    ModelOption,
    ScannerOption,
    SoftwareOption,
    VendorOption,
    cards,
    console,
    field_strengths,
    print_json,
    print_table,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.pipeline import Card


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(timeline)


def timeline(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Protocol file, or id of a shipped protocol.")],
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    scanner: ScannerOption = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show every term of every estimate.")] = False,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Write the picture of one target.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing picture.")] = False,
) -> None:
    """Show the exam on a time axis: start times, the injection, the delay, what counts."""
    made = cards([spec], vendor, field_strengths(field_strength), model, software, scanner)
    if svg:
        _write_picture(made, svg, force)
    if json:
        print_json([_as_data(card) for card in made])
        return
    for card in made:
        _print(card, explain)


def _write_picture(made: list[Card], path: Path, force: bool) -> None:
    from generator.output import write_file
    from generator.timing.svg import timeline_svg

    if len(made) != 1:
        raise UsageError("a picture shows one target; choose it with --vendor and --field-strength")
    card = made[0]
    picture = timeline_svg(card.timeline, f"{card.protocol.name}, {card.target}", card.time_limit)
    write_file(path, picture.encode(), force)


def _print(card: Card, explain: bool) -> None:
    from generator.text import clock
    from generator.timing.estimate import with_margin
    from generator.timing.timeline import rows_for_table

    line = card.timeline
    headers = ("start", "step", "time", "known by", "remark")
    print_table(f"{card.protocol.name}, {card.target}", headers, rows_for_table(line), right=(0, 2))
    limit = f", limit {clock(card.time_limit)}" if card.time_limit else ""
    total = with_margin(line.counted, line.counted_uncertainty)
    text = [f"acquisition time {total}{limit} (optional scans and set-up do not count)"]
    if line.unknown:
        text.append(f"{len(line.unknown)} counted scans have no time: the sum is a lower bound")
    if line.delay is not None:
        text.append(f"injection to post-contrast T1 {with_margin(line.delay, line.delay_uncertainty)}")
    text.append(f"in the room about {clock(line.room_time)}")
    for sentence in text:
        console().print(sentence, markup=False)
    if explain:
        _explain(card)


def _explain(card: Card) -> None:
    from generator.model.tree import Acquisition
    from generator.timing.estimate import explain as terms
    from generator.timing.families import explain_missing

    for row in card.timeline.rows:
        if row.kind != "acquisition":
            continue
        console().print(f"\n{row.name}", markup=False)
        step = card.protocol.steps[row.step]
        missing = ""
        if row.estimate is None and isinstance(step, Acquisition):
            target = card.target
            missing = explain_missing(step, target.vendor, target.field_strength, target.software)
        for sentence in terms(row.estimate) if row.estimate else [f"no estimate: lacks {missing}"]:
            console().print(f"  {sentence}", markup=False)


def _as_data(card: Card) -> dict[str, object]:
    from dataclasses import asdict

    line = card.timeline
    return {
        "protocol": card.protocol.id,
        "target": card.target.model_dump(mode="json"),
        "limit": card.time_limit,
        "complete": line.complete,
        "difference_to_console": [row.difference for row in line.rows],
        **asdict(line),
    }
