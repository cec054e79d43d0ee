"""The table of moves in docs/fit.md, made from the moves themselves."""

from __future__ import annotations

from collections.abc import Sequence

from generator.fit.moves import MAKE_OPTIONAL, MOVES, Move
from generator.vendors.profile import Rasters, names, profile

BEGIN, END = "<!-- moves: made by generator.fit.reference -->", "<!-- end of moves -->"


def insert(page: str) -> str:
    """Put the table between the marks of a page.

    Raises
    ------
    ValueError
        If the page has no marks.
    """
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n{render()}\n{page[after:]}"


def render() -> str:
    """Write every move as a row of a Markdown table."""
    head = ["| move | field | values | surcharge a step | needs | judged by |", "|---|---|---|---|---|---|"]
    last = f"| made optional | `optional` | a scan that no guideline asks for | {MAKE_OPTIONAL:g} | | |"
    return "\n".join([*head, *map(_row, MOVES), last])


def _row(move: Move) -> str:
    price = f"{move.surcharge:g} for {move.loses}" if move.surcharge else ""
    needs = f"`{move.needs}`" if move.needs else ""
    judges = ", ".join(f"`{rule}`" for rule in move.judged_by)
    values = _raster(move.field) if move.field in Rasters.model_fields else _meaning(move)
    return f"| {move.label} | `{move.field}` | {values} | {price} | {needs} | {judges} |"


def _meaning(move: Move) -> str:
    text = (move.ladder.__doc__ or "").strip().rstrip(".")
    return text[:1].lower() + text[1:]


def _raster(field: str) -> str:
    """Name the vendors whose console differs from the others, and the values of each."""
    usual = getattr(Rasters(), field)
    known = {vendor: getattr(profile(vendor).rasters, field) for vendor in names()}
    parts = [f"{vendor}: {_list(values)}" for vendor, values in known.items() if values != usual]
    return "; ".join([*parts, f"others: {_list(usual)}"])


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values) or "none"
