"""`examcard read` and `examcard inspect`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import FINDINGS, complain, console, existing, print_json, print_table
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.model.tree import Note, Protocol, ReadResult

_CHOICE = "Only this protocol of the file: NAME, FOLDER/NAME, or with #2 the second of those that fit."
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A vendor's protocol file or folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(read)
    app.command()(inspect)


def read(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="A vendor's protocol file or folder, or acquired images (DICOM)."
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the neutral JSON (the default).")] = False,
    yaml: Annotated[bool, typer.Option("--yaml", help="Print a spec that `examcard check` accepts.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Print the steps as a table.")] = False,
    text: Annotated[
        bool, typer.Option("--text", help="Print a field a line, for tools that compare lines.")
    ] = False,
    vendor_parameters: Annotated[
        Path | None,
        typer.Option(
            "--vendor-parameters",
            metavar="FILE",
            help="With --yaml: write the vendor's own parameters here, for a build from a donor.",
        ),
    ] = None,
    protocol: Annotated[str | None, typer.Option("--protocol", metavar="NAME", help=_CHOICE)] = None,
) -> None:
    """Read a vendor's protocol file, or acquired images, into neutral terms."""
    from generator.sources import read_any
    from generator.timing.compare import time_notes

    if json + yaml + table + text > 1:
        raise UsageError("--json, --yaml, --table and --text exclude each other")
    if vendor_parameters and not yaml:
        raise UsageError("--vendor-parameters goes with --yaml: it is the other half of a starter")
    result = _only(read_any(*map(existing, files)), protocol)
    if text:
        from generator.compare.show import listing

        typer.echo("\n".join(listing(result)))
        return
    result = result.model_copy(update={"notes": (*result.notes, *time_notes(result))})
    if yaml:
        spec = _as_spec(result)
        if vendor_parameters:
            _write_beside(vendor_parameters, result)
        typer.echo(spec, nl=False)
    elif table:
        _print_protocols(result)
    else:
        print_json(result.model_dump(mode="json"))


def _only(result: ReadResult, name: str | None) -> ReadResult:
    if name is None:
        return result
    from generator.sources import chosen_of
    from generator.vendors.opening import choose

    return chosen_of(result, choose(result.protocols, name))


def _write_beside(path: Path, result: ReadResult) -> None:
    """Write the side file of a starter. Raises UsageError if something is there already."""
    from generator.spec.side import vendor_parameters

    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(vendor_parameters(result))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}; name a file that is not there yet") from error


def _as_spec(result: ReadResult) -> str:
    from generator.spec.dump import starter
    from generator.vendors.opening import labels

    if len(result.protocols) != 1:
        raise UsageError(
            f"a spec holds one protocol, the file has {len(result.protocols)}; choose one with --protocol",
            labels(result.protocols),
        )
    return starter(result)


def _print_protocols(result: ReadResult) -> None:
    for protocol in result.protocols:
        print_table(" / ".join((*protocol.path, protocol.name)), _HEADERS, _rows(protocol), right=(0, 8))
    for note in result.notes:
        said = (f"note {note.code}", *_place(result, note), note.message)
        console().print(": ".join(said), markup=False)


def _place(result: ReadResult, note: Note) -> Iterator[str]:
    """Protocol (where there are several), step as the table numbers it, and field that a note is about."""
    if note.protocol is not None and len(result.protocols) > 1:
        yield result.protocols[note.protocol].name
    if note.step is not None:
        steps = result.protocols[note.protocol or 0].steps[note.step : note.step + 1]  # none after the last
        yield " ".join((str(note.step), *filter(None, (getattr(step, "name", None) for step in steps))))
    if note.field is not None:
        yield note.field.replace("_", " ")


_HEADERS = ("", "name", "technique", "plane", "TR, ms", "TE, ms", "TI, ms", "voxel, mm", "time")


def _rows(protocol: Protocol) -> list[list[str]]:
    from generator.model.spoken import word
    from generator.model.tree import Acquisition
    from generator.text import clock

    rows = []
    for index, step in enumerate(protocol.steps):
        if not isinstance(step, Acquisition):
            text = getattr(step, "text", None) or getattr(step, "source", "")
            rows.append([str(index), f"({step.kind}) {text}", *[""] * 7])
            continue
        numbers = [_number(step.repetition_time), _list(step.echo_times), _number(step.inversion_time)]
        kind = " ".join(part for part in (step.mr_acquisition_type, word(step.technique or "")) if part)
        time = "" if step.acquisition_duration is None else clock(step.acquisition_duration)
        rows.append(
            [str(index), step.name, kind, step.plane or "", *numbers, _list(step.voxel_size, " x "), time]
        )
    return rows


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _list(values: tuple[float | None, ...] | None, between: str = ", ") -> str:
    return between.join("?" if v is None else f"{v:.4g}" for v in values or ())


def inspect(
    file: FileArgument,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say what a vendor file is and what may hinder its import; exit 1 if something does."""
    from generator.text import clock
    from generator.vendors import opening

    found = opening.inspect(existing(file))
    if json:
        print_json(
            {
                "format": found.format,
                "facts": dict(found.facts),
                "series": [{"name": name, "acquisition_duration": time} for name, time in found.series],
                "warnings": [note.model_dump(mode="json") for note in found.warnings],
            }
        )
    else:
        own = [row for row in found.facts if row[0] != "format"]
        print_table(file.name, ("what", "value"), [("format", found.format), *own])
        if found.series:
            rows = [(name, "-" if time is None else clock(time)) for name, time in found.series]
            print_table("series", ("name", "time"), rows, right=(1,))
        for note in found.warnings:
            complain(f"warning {note.code}: {note.message}")
    if found.warnings:
        raise typer.Exit(FINDINGS)
