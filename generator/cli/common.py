"""What the commands share: exit codes, options, printing."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from generator import answers, disk
from generator.errors import ExamcardError, Several, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from generator.pipeline import Card
    from generator.spec.project import Site
    from generator.vendors.matching import Pin

P = ParamSpec("P")
FINE, FINDINGS, UNUSABLE = 0, 1, 2
INTERRUPTED = 130

SpecArguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SPEC...]",
        help="Protocol file, folder, or shipped id; without it all protocols of the site, for its scanners.",
    ),
]
ScannerOption = Annotated[
    list[str] | None,
    typer.Option("--scanner", metavar="ID", help="Scanner of the site, see site.yaml; may be repeated."),
]
VendorOption = Annotated[
    list[str] | None, typer.Option("--vendor", metavar="NAME", help="Target vendor; may be repeated.")
]
FieldOption = Annotated[
    list[str] | None,
    typer.Option("--field-strength", metavar="3T", help="Target field strength; may be repeated."),
]
ModelOption = Annotated[str | None, typer.Option("--model", help="Scanner model, such as 'SIGNA Premier'.")]
SoftwareOption = Annotated[str | None, typer.Option("--software", help="Console software release.")]


DonorOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--donor",
        metavar="FILE",
        help="Export of the site's own scanner, or a folder of them; may be repeated.",
    ),
]
PlanOption = Annotated[
    Path | None,
    typer.Option("--donor-plan", metavar="FILE", help="Plan of `donors --yaml`, edited."),
]
FromOption = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="NAME=PATH", help="Take a scan from this donor step; may be repeated."),
]
GapsOption = Annotated[
    str,
    typer.Option(
        "--gaps",
        help="A scan without a donor step: refuse, sheet (by hand), template (GE, XA61, Philips R5.7).",
    ),
]


def pins(plan: Path | None, given: Sequence[str] | None) -> dict[str, Pin]:
    """Read what the user decided by hand: a plan file, and single steps that win over it."""
    from generator import donors

    known = donors.from_yaml(existing(plan)) if plan else {}
    return known | dict(map(donors.from_option, given or ()))


def complain(message: str) -> None:
    """Print an error message where errors belong."""
    typer.echo(message, err=True)


def report(error: BaseException) -> int:
    """Print what ended a command; return its exit code."""
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return FINE
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, ExamcardError):
        complain(str(error))
        if "--json" in sys.argv:
            print_failures(error)
    elif isinstance(error, OSError):
        complain(f"{error.filename or 'the output'}: {error.strerror or error}")
    elif os.environ.get("EXAMCARD_DEBUG"):
        raise error
    else:
        complain(
            f"internal error ({type(error).__name__}: {error}). This is a fault of examcard; "
            "run it again with EXAMCARD_DEBUG=1 for the details to report."
        )
    return UNUSABLE


def repeatable(command: Callable[P, int]) -> Callable[P, None]:
    """Let a command that returns its exit code be answered from memory while nothing that it saw changes."""

    @wraps(command)
    def call(*arguments: P.args, **options: P.kwargs) -> None:
        raise typer.Exit(answers.kept(partial(command, *arguments, **options)))

    return call


def console() -> Console:
    """Return a console that keeps whole lines when the output is not a terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


def print_table(
    title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()
) -> None:
    """Print rows as a table; text is never taken for markup. Very many rows are set without wrapping."""
    if len(rows) > MANY:
        typer.echo(title)
        typer.echo(_plain_table([headers, *rows], right))
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), box=box.SIMPLE_HEAD, title_justify="left")
    for index, header in enumerate(headers):
        table.add_column(Text(header), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


MANY = 200
"""Rows that rich still sets faster than they were made."""


def _plain_table(rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def print_json(value: Any) -> None:
    """Print a value as JSON, UTF-8, stable and readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_failures(error: ExamcardError) -> None:
    """Print as JSON what could not be used, so that a machine need not read messages."""
    from generator.spec.diagnostic import failures

    print_json({"errors": [{"file": one.file, **one.data()} for one in failures([error])]})


def field_strengths(given: Sequence[str] | None) -> tuple[float, ...] | None:
    """Read ``--field-strength 3T`` options into tesla; ``None`` when there is none.

    Raises
    ------
    UsageError
        If one is not a field strength.
    """
    from generator.model import units

    if not given:
        return None
    try:
        return tuple(units.parse(text, "T") for text in given)
    except units.UnitError as error:
        raise UsageError(f"--field-strength: {error}; write it with its unit, such as 1.5T or 3T") from error


def existing(path: Path) -> Path:
    """Return the path if it is there.

    Raises
    ------
    UsageError
        If it is not.
    """
    if not path.exists():
        raise UsageError(f"no such file or directory: {path}")
    return path


def settings(given: Sequence[str] | None) -> dict[str, str]:
    """Read ``--set NAME=CHOICE`` options.

    Raises
    ------
    UsageError
        If one is not of that form.
    """
    pairs = [text.partition("=") for text in given or ()]
    for name, equals, choice in pairs:
        if not (name and equals and choice):
            raise UsageError(f"--set {name}{equals}{choice}: write it as NAME=CHOICE")
    return {name.strip(): choice.strip() for name, _, choice in pairs}


def here() -> Site:
    """Read the site in whose folder the command runs.

    Raises
    ------
    UsageError
        If the folder belongs to none.
    """
    from generator.spec.project import NAME, read_site, root_of

    root = root_of(Path.cwd() / NAME)
    if root is None:
        raise UsageError(f"say which protocol; only in a site, below a {NAME}, all of its own are meant")
    return read_site(root)


def gather(
    references: Sequence[str] | None,
    vendor: Sequence[str] | None,
    fields: tuple[float, ...] | None,
    model: str | None,
    software: str | None,
    scanner: Sequence[str] | None = None,
) -> tuple[list[Card], list[ExamcardError]]:
    """Load what the user named and make it ready for every target that the options choose.

    Without a name these are the protocols of the site, and without options its scanners.
    """
    from generator import pipeline
    from generator.spec.load import find

    site = None if references else here()
    paths: dict[Path, Path] = {}
    for path in site.protocols if site else [p for name in references or () for p in find(name)]:
        paths.setdefault(disk.ask(Path.resolve, path), path)
    if scanner and (vendor or fields or model or software):
        raise UsageError("--scanner says vendor, field strength, model and software already")
    if site and not (scanner or vendor or fields or model or software):
        scanner = [machine.scanner.id for machine in site.machines]
    choice = pipeline.Choice(vendor or (), fields or (), model, software, scanner or ())
    made, errors = pipeline.gather(paths.values(), choice)
    for remark in pipeline.unknown_models(made):
        complain(remark)
    return made, errors


def cards(
    references: Sequence[str] | None,
    vendor: Sequence[str] | None,
    fields: tuple[float, ...] | None,
    model: str | None,
    software: str | None,
    scanner: Sequence[str] | None = None,
) -> list[Card]:
    """Do as :func:`gather`, where nothing is to be made unless every file is in order.

    Raises
    ------
    Several
        With all that is wrong with any of them.
    """
    made, errors = gather(references, vendor, fields, model, software, scanner)
    if errors:
        raise Several(errors)
    return made
