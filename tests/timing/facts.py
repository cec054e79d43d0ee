"""The published cards the formulas are tested with: facts only, carried by the project itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.model.tree import Acquisition


@dataclass(frozen=True)
class Card:
    source: str
    scans: tuple[Acquisition, ...]
    bare_formula: float
    vendor: str | None = None
    field_strength: float | None = None
    formula: str = ""
    use: str = ""
    stated: float = 0.0
    tolerance: float = 0.0


@cache
def _facts() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).parent / "cards.json").read_text("utf-8"))
    return loaded


def published() -> list[Card]:
    """Cards with the time a console showed."""
    return [
        Card(**{**row, "scans": tuple(Acquisition(**scan) for scan in row["scans"])})
        for row in _facts()["published"]
    ]


def own() -> list[Card]:
    """The neutral starting cards; their time is the formula's."""
    return [
        Card(row["source"], (Acquisition(**row["scan"]),), row["bare_formula"], None, row["field_strength"])
        for row in _facts()["own"]
    ]


def own_scan(source: str, **changes: Any) -> Acquisition:
    """One neutral starting card, changed in some fields."""
    row = next(row for row in _facts()["own"] if row["source"] == source)
    return Acquisition(**{**row["scan"], **changes})
