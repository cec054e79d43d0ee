"""The working sheet of one estimate: what was taken from the scan, what was modelled, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.model.tree import Acquisition
from generator.timing.estimate import Term
from generator.timing.overheads import Assumed, habit, overhead

POWER_LIMITED = "repetition_time, which follows from the power limits"
"""What a scan lacks whose pulses follow each other as fast as the patient's weight lets them."""


class Missing(Exception):
    """A formula lacks a quantity; ``what`` says which, in words for the user."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass
class Ledger:
    """Collects the terms of one estimate.

    Attributes
    ----------
    scan : Acquisition
        The scan that is timed.
    vendor : str or None
        Whose habits apply; ``None`` for the neutral formula.
    field_strength : float or None
        In tesla.
    software : str or None
        Release of the scanner, where a term depends on it.
    forced : mapping of str to float
        Values put in place of modelled ones, to see how far each of them moves the time.
    """

    scan: Acquisition
    vendor: str | None
    field_strength: float | None = None
    software: str | None = None
    forced: Mapping[str, float] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    assumed: dict[str, Assumed] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field of the scan, or ``default`` where it is not stated."""
        value = getattr(self.scan, name)
        return default if value is None else value

    def need(self, *names: str) -> Any:
        """Return the first stated one of some fields.

        Raises
        ------
        Missing
            If none of them is stated.
        """
        for name in names:
            value = getattr(self.scan, name)
            if value is not None:
                return value
        raise Missing(" or ".join(names))

    def note(self, name: str, value: float, unit: str, source: str) -> float:
        """Write a term down, once, and return its value; what only tries a bound writes nothing."""
        if not self.forced and (term := Term(name, value, unit, source)) not in self.terms:
            self.terms.append(term)
        return value

    def assume(self, name: str, assumed: Assumed) -> float:
        """Use a modelled quantity, remembering between which bounds it may lie."""
        self.assumed.setdefault(name, assumed)
        value = self.forced.get(name, assumed.value)
        known = self.forced or any(term.name == name for term in self.terms)
        return value if known else self.note(name, value, assumed.unit, assumed.source)

    def overhead(self, name: str) -> float:
        """Use a quantity of the vendor's table of overheads."""
        return self.assume(name, overhead(name, self.vendor, self.software))

    def constant(self, name: str) -> float:
        """Use a quantity of the table whose bounds a term that hangs on it already takes into account."""
        entry = overhead(name, self.vendor, self.software)
        return self.note(name, self.forced.get(name, entry.value), entry.unit, entry.source)

    def habit(self, name: str) -> bool:
        """Say whether the vendor does a thing where the scan does not say."""
        return habit(name, self.vendor)
