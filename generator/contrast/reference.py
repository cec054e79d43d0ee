"""The table of contrasts in docs/contrast.md, made from the shipped sequences."""

from __future__ import annotations

from collections.abc import Iterable

from generator.contrast.comparison import Comparison, View
from generator.contrast.svg import PARTS

BEGIN, END = "<!-- spread: made by generator.contrast.reference -->", "<!-- end of spread -->"


def insert(page: str, comparisons: Iterable[Comparison]) -> str:
    """Put the table between the marks of a page.

    Raises
    ------
    ValueError
        If the page has no marks.
    """
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n{render(comparisons)}\n{page[after:]}"


def render(comparisons: Iterable[Comparison]) -> str:
    """Write one row for each scan and field: contrast on every vendor, spread and limit."""
    listed = list(comparisons)
    vendors = [view.target.vendor for view in listed[0].views]
    head = f"| scan | field | contrast | {' | '.join(vendors)} | spread | limit |"
    return "\n".join([head, "|---|---|---|" + "---|" * (len(vendors) + 2), *map(_row, listed)])


def _row(one: Comparison) -> str:
    first, second = (PARTS[part] for part in one.role.pair)
    found = [view.missing or _contrast(view) for view in one.views]
    spread = f"{100 * (one.spread or 0):.0f} %"
    return (
        f"| {one.name} | {one.field_strength:g} T | {first} / {second} | {' | '.join(found)} "
        f"| {spread} | {100 * one.role.spread:.0f} % |"
    )


def _contrast(view: View) -> str:
    own, low, high = (f"{value:.2f}" for value in (view.contrast, view.low, view.high))
    return own if low == high else f"{own} ({low}-{high})"
