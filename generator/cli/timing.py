"""`examcard timeline`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from generator.model.tree import Protocol, Target
    from generator.timing.timeline import Row, Timeline


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(timeline)


def timeline(
    spec: Annotated[
        str,
        typer.Argument(
            metavar="SPEC-or-FILE", help="Protocol file, id of a shipped protocol, or a vendor's file."
        ),
    ],
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
    """Show the exam on a time axis: start times, the injection, the delay, what counts.

    Of a vendor's file: the times that it states and those that its parameters give, and where they give none,
    why.
    """
    options = (vendor, field_strength, model, software, scanner)
    made = _of_file(spec, options) or _of_spec(spec, options)
    if svg:
        _write_picture(made, svg, force)
    if json:
        print_json([_as_data(one) for one in made])
        return
    for one in made:
        _print(one, explain)


@dataclass(frozen=True)
class _Exam:
    """A protocol on its time axis, of a spec or of a vendor's file."""

    protocol: Protocol
    target: Target
    timeline: Timeline
    limit: float | None = None

    @property
    def title(self) -> str:
        return f"{self.protocol.name}, {self.target}"


def _of_spec(spec: str, options: tuple[Any, ...]) -> list[_Exam]:
    vendor, field_strength, *rest = options
    made = cards([spec], vendor, field_strengths(field_strength), *rest)
    return [_Exam(card.protocol, card.target, card.timeline, card.time_limit) for card in made]


def _of_file(name: str, options: tuple[Any, ...]) -> list[_Exam]:
    """Time the protocols of a vendor's file; none if it is not one."""
    from generator.errors import ExamcardError
    from generator.model.tree import Target
    from generator.timing.compare import timed_as_read
    from generator.timing.timeline import build_timeline
    from generator.vendors import opening

    path = Path(name)
    if not path.exists() or path.suffix in (".yaml", ".yml"):
        return []
    try:
        dialect = opening.recognised(path)
    except ExamcardError:
        if path.is_dir():
            return []  # a folder of specs
        raise
    if any(options):
        raise UsageError("a vendor's file says itself which scanner it is of: leave out the target")
    result = timed_as_read(opening.read(path, dialect))
    # Not validated: a file need not state the field strength, and no formula asks for it.
    scanner: dict[str, Any] = {"vendor": result.vendor, "field_strength": result.field_strength}
    target = Target.model_construct(**scanner, software=result.software, model=None)
    return [_Exam(one, target, build_timeline(one, target)) for one in result.protocols]


def _write_picture(made: list[_Exam], path: Path, force: bool) -> None:
    from generator.output import write_file
    from generator.timing.svg import timeline_svg

    if len(made) != 1:
        raise UsageError("a picture shows one target; choose it with --vendor and --field-strength")
    one = made[0]
    write_file(path, timeline_svg(one.timeline, one.title, one.limit).encode(), force)


def _print(one: _Exam, explain: bool) -> None:
    from generator.text import clock
    from generator.timing.estimate import with_interval
    from generator.timing.timeline import rows_for_table

    line = one.timeline
    headers = ("start", "step", "time", "known by", "remark")
    print_table(one.title, headers, rows_for_table(line), right=(0, 2))
    limit = f", limit {clock(one.limit)}" if one.limit else ""
    total = with_interval(line.counted, line.interval) if line.counted_uncertainty else clock(line.counted)
    text = [f"acquisition time {total}{limit} (optional scans and set-up do not count)"]
    if line.unknown:
        text.append(f"{len(line.unknown)} counted scans have no time: the sum is a lower bound")
    if line.delay is not None:
        text.append(f"injection to post-contrast T1 {with_interval(line.delay, line.delay_interval)}")
    text.append(f"in the room about {clock(line.room_time)}")
    for sentence in text:
        console().print(sentence, markup=False)
    if explain:
        _explain(one)


def _explain(one: _Exam) -> None:
    from generator.timing.estimate import explain as terms

    for row in one.timeline.rows:
        if row.kind != "acquisition":
            continue
        console().print(f"\n{row.name}", markup=False)
        for sentence in terms(row.estimate) if row.estimate else [row.why_not or ""]:
            console().print(f"  {sentence}", markup=False)


def _as_data(one: _Exam) -> dict[str, object]:
    from dataclasses import asdict

    line = one.timeline
    return {
        "format_version": 1,
        "protocol": one.protocol.id,
        "name": one.protocol.name,
        "path": one.protocol.path,
        "target": one.target.model_dump(mode="json"),
        "limit": one.limit,
        "complete": line.complete,
        "interval": line.interval,
        "steps": [_step(one, row) for row in line.rows],
        "difference_to_console": [row.difference for row in line.rows],
        **asdict(line),
    }


def _step(one: _Exam, row: Row) -> dict[str, object]:
    """Data of one step; the estimate and its interval never look at the time that is stored."""
    found = row.estimate
    return {
        "name": row.name,
        "kind": row.kind,
        "start": row.start,
        "estimate": found.seconds if found else None,
        "interval": found.interval if found else None,
        "exports": found.exports if found else None,
        "family": found.family if found else None,
        "stored": getattr(one.protocol.steps[row.step], "acquisition_duration", None),
        "why_not": row.why_not,
    }
