"""`examcard translate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FINDINGS,
    DonorOption,
    FromOption,
    ModelOption,
    PlanOption,
    SoftwareOption,
    existing,
    field_strengths,
    pins,
    print_json,
)
from generator.cli.comparing import HtmlOption, JsonOption, MarkdownOption, SourceArgument, form
from generator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.model.tree import ReadResult


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(translate)


def translate(
    file: SourceArgument,
    vendor: Annotated[str, typer.Option("--vendor", metavar="NAME", help="Vendor to translate to.")],
    field_strength: Annotated[
        str | None,
        typer.Option("--field-strength", metavar="3T", help="Of the target; that of the file if left out."),
    ] = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    donor: DonorOption = None,
    donor_plan: PlanOption = None,
    from_step: FromOption = None,
    gaps: Annotated[
        str, typer.Option("--gaps", help="A scan without a donor step: sheet (by hand), template or refuse.")
    ] = "sheet",
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Output folder.")] = Path(
        "out"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
    html: HtmlOption = False,
) -> None:
    """Write a site's card for another vendor, field strength or release, with a migration report.

    Exit 1 if anything changed or is left to the operator.
    """
    from generator import vendors
    from generator.model.tree import Target
    from generator.sources import open_source
    from generator.translate.files import write_all
    from generator.translate.migrate import translate as run
    from generator.translate.report import as_data, document
    from generator.vendors.dialect import BuildOptions

    wanted = form(json, markdown, html)
    vendors.get(vendor)
    source = open_source(file)
    if source.result is None:
        raise UsageError(f"{file} is a spec, which is for every vendor: `examcard build` writes it")
    fields = field_strengths([field_strength] if field_strength else None)
    strength = fields[0] if fields else source.target.field_strength
    target = Target(vendor=vendor, field_strength=strength, model=model, software=software)
    options = BuildOptions(
        donors=tuple(map(existing, donor or ())),
        pins=pins(donor_plan, from_step),
        gaps=gaps,  # type: ignore[arg-type]  # the dialect says which it knows
    )
    result = source.read_for(None)
    result = result.model_copy(update={"field_strength": result.field_strength or strength})
    made = [run(one, target, options) for one in _each(result)]
    folders = write_all(made, file, output, force)
    if wanted is None:
        print_json(as_data(made, file, folders))
    else:
        typer.echo(document(made, file, folders).render(wanted), nl=False)
    if not all(one.is_clean for one in made):
        raise typer.Exit(FINDINGS)


def _each(result: ReadResult) -> Sequence[ReadResult]:
    """A file for each protocol. Raises UsageError if there is none, or no scan in any."""
    from generator.sources import chosen_of

    if not any(protocol.acquisitions for protocol in result.protocols):
        raise UsageError("there is no scan in the file that could be translated")
    return [chosen_of(result, (index,)) for index in range(len(result.protocols))]
