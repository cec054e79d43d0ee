"""`examcard contrast`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.common import (
    FINDINGS,
    FieldOption,
    ModelOption,
    SoftwareOption,
    VendorOption,
    cards,
    complain,
    console,
    field_strengths,
    print_json,
    print_table,
)
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.contrast.comparison import Comparison, View


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(contrast)


def contrast(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="Protocol file, or id of a shipped protocol.")],
    vendor: VendorOption = None,
    field_strength: FieldOption = None,
    model: ModelOption = None,
    software: SoftwareOption = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write the picture.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing picture.")] = False,
) -> None:
    """Show what each scan would show: signals of tissues, contrast to noise, scanners side by side."""
    from generator.contrast.comparison import compare

    made = cards([spec], vendor, field_strengths(field_strength), model, software)
    if len({card.spec.path for card in made}) != 1:
        raise UsageError("contrast looks at one protocol; name its file or its id")
    found = compare((card.target, card.protocol) for card in made)
    if svg:
        from generator.contrast.svg import contrast_svg
        from generator.output import write_file

        write_file(svg, contrast_svg(found, made[0].protocol.name).encode(), force)
    if json:
        print_json([_as_data(one) for one in found])
    else:
        for one in found:
            _print(one)
    unlike = [one for one in found if not one.alike]
    for one in unlike:
        complain(
            f"{one.name} at {one.field_strength:g} T: contrast differs by more than the limit of its role"
        )
    if unlike:
        raise typer.Exit(FINDINGS)


_HEADERS = (
    *("scanner", "TE", "TI", "T2 weight", "contrast", "range", "CSF/lesion", "white/grey"),
    *("SNR", "CNR white", "CNR CSF"),
)


def _print(one: Comparison) -> None:
    from generator.contrast.svg import PARTS, heading

    parts = [part for part in PARTS if part in one.role.tissues]
    headers = (*_HEADERS[:4], *(PARTS[part] for part in parts), *_HEADERS[4:])
    rows = [_row(view, one.known[0], parts) for view in one.known]
    print_table(heading(one), headers, rows, right=range(1, len(headers)))
    for view in one.views:
        if view.missing:
            lacking = view.missing.replace("_", " ")
            console().print(f"  {_scanner(view)}: not simulated: {lacking}", markup=False)


def _row(view: View, first: View, parts: list[str]) -> list[str]:
    times = [
        _times(view.scan.echo_times),
        _times((view.scan.inversion_time, view.scan.second_inversion_time)),
    ]
    weight = "{:.0f} ({:.0f}-{:.0f})".format(*view.weight) if view.weight else ""
    signals = [f"{(view.signals or {})[part]:.3f}" for part in parts]
    contrasts = [f"{view.contrast:.2f}", f"{view.low:.2f}-{view.high:.2f}"]
    ratios = [_ratio(view, "fluid", "lesion"), _ratio(view, "white", "grey")]
    noise = [_share(view.snr, first.snr)]
    noise += [_share(view.cnr("lesion", other), first.cnr("lesion", other)) for other in ("white", "fluid")]
    return [_scanner(view), *times, weight, *signals, *contrasts, *ratios, *noise]


def _scanner(view: View) -> str:
    target = view.target
    return " ".join(part for part in (target.vendor, target.model, target.software) if part)


def _times(values: Any) -> str:
    return "/".join(f"{value:g}" for value in values or () if value is not None)


def _ratio(view: View, one: str, other: str) -> str:
    signals = view.signals or {}
    if not signals.get(one) or not signals.get(other):
        return ""
    return f"{abs(signals[one] / signals[other]):.2f}"


def _share(value: float | None, first: float | None) -> str:
    return f"{value / first:.2f}" if value is not None and first else ""


def _as_data(one: Comparison) -> dict[str, Any]:
    return {
        "scan": one.name,
        "field_strength": one.field_strength,
        "tissues": dict(one.role.tissues),
        "pair": list(one.role.pair),
        "spread": one.spread,
        "limit": one.role.spread,
        "views": [_view_as_data(view) for view in one.views],
    }


def _view_as_data(view: View) -> dict[str, Any]:
    found: dict[str, Any] = {"target": view.target.model_dump(mode="json"), "missing": view.missing or None}
    if not view.missing:
        found |= {
            "signals": dict(view.signals or {}),
            "contrast": {"value": view.contrast, "low": view.low, "high": view.high},
            "equivalent_echo_time": view.weight,
            "snr": view.snr,
            "cnr": {other: view.cnr("lesion", other) for other in ("white", "fluid")},
        }
    return found
