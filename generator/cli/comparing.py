"""`examcard diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.common import (
    FINDINGS,
    FieldOption,
    ModelOption,
    SoftwareOption,
    VendorOption,
    field_strengths,
    print_json,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.compare.document import Form
    from generator.model.tree import Target
    from generator.sources import Source

_SOURCE = (
    "A spec, the id of a shipped one, a vendor's file or folder; FILE#NAME or FILE#2 for one protocol of it."
)
SourceArgument = Annotated[str, typer.Argument(metavar="FILE", help=_SOURCE)]
HtmlOption = Annotated[bool, typer.Option("--html", help="Print as an HTML page.")]
MarkdownOption = Annotated[bool, typer.Option("--markdown", help="Print as Markdown.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(diff)


def form(json: bool, markdown: bool, html: bool) -> Form | None:
    """Which form was asked for; ``None`` for JSON. Raises UsageError for more than one."""
    if json + markdown + html > 1:
        raise UsageError("--json, --markdown and --html exclude each other")
    return None if json else "markdown" if markdown else "html" if html else "text"


def diff(
    a: SourceArgument,
    b: SourceArgument,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Show every field of the steps on both sides.")
    ] = False,
    vendor_parameters: Annotated[
        bool, typer.Option("--vendor-parameters", help="Also compare the vendor's own parameters.")
    ] = False,
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    json: JsonOption = False,
    markdown: MarkdownOption = False,
    html: HtmlOption = False,
) -> None:
    """Compare any two of spec, vendor's file, printout and images; exit 1 if they differ."""
    from generator.compare.comparison import as_data, compare
    from generator.compare.show import document
    from generator.sources import open_source

    wanted = form(json, markdown, html)
    first, second = open_source(a), open_source(b)
    made = [
        compare(first.read_for(target), second.read_for(target), (a, b), vendor_parameters, target)
        for target in _targets((first, second), vendor, field_strengths(field_strength), model, software)
    ]
    if wanted is None:
        print_json(as_data(made))
    else:
        typer.echo(document(made, side_by_side).render(wanted), nl=False)
    if any(one.differs for one in made):
        raise typer.Exit(FINDINGS)


def _targets(
    sources: Sequence[Source],
    vendors: Sequence[str] | None,
    fields: Sequence[float] | None,
    model: str | None,
    software: str | None,
) -> Sequence[Target | None]:
    """Scanners to make specs for: asked for, that of the file, of two specs all that both are made for."""
    from generator import pipeline

    specs = [one.spec for one in sources if one.spec]
    asked = bool(vendors or fields or model or software)
    if not specs:
        if asked:
            raise UsageError("two files say themselves which scanner they are of: leave out the target")
        return [None]
    file = next((one for one in sources if one.result), None)
    if file and not asked:
        return [file.target]
    found = [pipeline.targets(spec, vendors, fields, model, software) for spec in specs]
    common = [target for target in found[0] if all(target in others for others in found)]
    if not common or (file and len(common) > 1):
        raise UsageError("say for which scanner: --vendor and --field-strength", [str(one) for one in common])
    return common
