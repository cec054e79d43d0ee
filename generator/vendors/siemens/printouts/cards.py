"""Rows of a printed page to cards, and cards to the values of a step: for PDF and text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.vendors.siemens.printouts.words import fold


@dataclass
class Cards:
    """Collects rows; a card that goes on in the next column has its title printed again.

    Several cards repeat a parameter, and within one card it repeats for each slice group.
    """

    found: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    card: str = ""
    label: str = ""

    def title(self, text: str) -> None:
        """Begin a card, or go on with it."""
        self.card, self.label = text, ""

    def row(self, label: str, value: str) -> None:
        """Add a parameter; a label that is alone may be a heading, or the second line of the one above."""
        own = self.found.setdefault(self.card, {})
        key = fold(label)
        if value or not self.label:
            own.setdefault(key, []).append(value)
        else:
            own.setdefault(key, [])
            own.setdefault(self.label + key, own[self.label])
        self.label = key if value else ""

    def more(self, value: str) -> None:
        """Go on with the value of the row above."""
        if values := self.found.get(self.card, {}).get(self.label):
            values[-1] = f"{values[-1]} {value}".strip()

    def values(self) -> dict[str, list[str]]:
        """Label to values, those of the first card that has it."""
        return merged(self.found.values())


def merged(cards: Iterable[dict[str, list[str]]]) -> dict[str, list[str]]:
    """Label to values, those of the first card that has it."""
    values: dict[str, list[str]] = {}
    for own in cards:
        for label, found in own.items():
            if found or label not in values:
                values[label] = values.get(label) or found
    return values
