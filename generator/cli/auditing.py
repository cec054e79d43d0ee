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
        list[Path] | None,
        typer.Argument(metavar="DICOM...", help="DICOM files, series folders or export trees."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="SPEC|CARD", help="Spec, shipped id, or a vendor's file."),
    ] = None,
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
    archive: Annotated[
        Path | None,
        typer.Option("--archive", metavar="DIR", help="Read a whole archive into --store, and summarise it."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="With --archive: where results are, and go on."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="FILE", help="With --archive: a secret that makes the pseudonyms."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="tcp://HOST:PORT", help="With --archive: an existing Dask cluster."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="With --archive: processes of this machine.")
    ] = None,
    centre_folders: Annotated[
        bool,
        typer.Option("--centre-folders", help="With --archive: its first folders are named after centres."),
    ] = False,
) -> None:
    """Hold acquired images against the protocol they should follow; exit 1 if anything deviates."""
    if archive:
        from generator.cli.archive import audit_archive

        if images or everything or json or markdown or html or dicompare or bids:
            raise UsageError(
                "--archive writes summary.json and summary.html into --store; it takes no other form"
            )
        audit_archive(archive, store, key, against, scheduler, workers, centre_folders)
        return
    if store or key or scheduler or workers or centre_folders:
        raise UsageError("--store, --key, --scheduler, --workers and --centre-folders go with --archive")
    if not images or against is None:
        raise UsageError(
            "name the images, and what they are held against: examcard audit DICOM... --against SPEC"
        )
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
