"""`examcard audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.common import FINDINGS, console, existing, print_json, print_table
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.compare.audit import Audit, Checked

_FORMS = ("table", "json", "dicompare", "bids")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(audit)


def audit(
    images: Annotated[
        list[Path], typer.Argument(metavar="DICOM...", help="DICOM files, series folders or export trees.")
    ],
    against: Annotated[
        str, typer.Option("--against", metavar="SPEC|CARD", help="Spec, shipped id, or a vendor's file.")
    ],
    form: Annotated[
        str, typer.Option("--format", metavar="FORM", help="table, json, dicompare or bids.")
    ] = "table",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing page.")] = False,
    verbose: Annotated[bool, typer.Option("--all", help="Also list the fields that conform.")] = False,
) -> None:
    """Hold acquired images against the protocol they should follow; exit 1 if anything deviates."""
    from generator.auditing import audit_images

    if form not in _FORMS:
        raise UsageError(f"--format: no form {form!r}", _FORMS)
    found = audit_images([existing(path) for path in images], against)
    if html:
        from generator.compare.page import page
        from generator.output import write_file

        write_file(html, page(found.audits, against).encode(), force)
    _print(found.audits, against, "json" if json else form, verbose)
    if not found.conforms:
        raise typer.Exit(FINDINGS)


def _print(audits: tuple[Audit, ...], against: str, form: str, verbose: bool) -> None:
    from generator.compare import forms
    from generator.compare.audit import as_data

    if form == "table":
        for one in audits:
            _table(one, against, verbose)
        return
    data: dict[str, Any] = {
        "json": lambda: as_data(audits, against),
        "dicompare": lambda: forms.records(audits),
        "bids": lambda: forms.sidecars(audits),
    }
    print_json(data[form]())


def _table(one: Audit, against: str, verbose: bool) -> None:
    from generator.compare.page import exam_title, scan_rows, verdict

    print_table(exam_title(one, against), ("step", "series", "conform", "tolerance", "deviates", "silent"),
                scan_rows(one), right=(2, 3, 4, 5))  # fmt: skip
    rows = [(name, *_row(field)) for name, field in _fields(one, verbose)]
    if rows:
        print_table("fields", ("step", "field", "asked", "found", "", "severity"), rows)
    for finding in one.findings:
        console().print(f"{'!' if finding.counts else '-'} {finding.message}", markup=False)
    console().print(verdict(one), markup=False)


def _fields(one: Audit, verbose: bool) -> list[tuple[str, Checked]]:
    shown = ("deviates", "within tolerance", *(("conform", "not stated") if verbose else ()))
    named = ((one.protocol.steps[pair.step], pair) for pair in one.pairs)
    return [
        (str(getattr(step, "name", "")), field)
        for step, pair in named
        for status in shown
        for field in pair.of(status)
    ]


def _row(field: Checked) -> tuple[str, str, str, str, str]:
    from generator.compare.page import shown

    values = shown(field.name, field.wanted), shown(field.name, field.found)
    return field.name, *values, field.status, field.severity
