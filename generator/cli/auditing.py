"""`examcard audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from generator.cli.common import FINDINGS, existing, print_json
from generator.cli.comparing import HtmlOption, JsonOption, MarkdownOption, form
from generator.errors import UsageError


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
    everything: Annotated[
        bool, typer.Option("--all", help="Also list fields that conform or are not stated.")
    ] = False,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
    html: HtmlOption = False,
    dicompare: Annotated[
        bool, typer.Option("--dicompare", help="Print compliance records as dicompare makes them.")
    ] = False,
    bids: Annotated[
        bool, typer.Option("--bids", help="Print a BIDS sidecar for each scan, with what deviates.")
    ] = False,
) -> None:
    """Hold acquired images against the protocol they should follow; exit 1 if anything deviates."""
    from generator.auditing import audit_images
    from generator.compare import forms
    from generator.compare.audit import as_data
    from generator.compare.report import document

    wanted = form(json, markdown, html)
    if dicompare + bids + (wanted != "text") > 1:
        raise UsageError("--json, --markdown, --html, --dicompare and --bids exclude each other")
    found = audit_images([existing(path) for path in images], against)
    if dicompare or bids:
        print_json(forms.records(found.audits) if dicompare else forms.sidecars(found.audits))
    elif wanted is None:
        print_json(as_data(found.audits, against))
    else:
        typer.echo(document(found.audits, against, everything).render(wanted), nl=False)
    if not found.conforms:
        raise typer.Exit(FINDINGS)
