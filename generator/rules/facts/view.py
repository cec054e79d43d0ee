"""A view of facts: what is stated, what follows from it, and what the card around it says.

A step of a real card, a plan and the example of a rule have the same view, so that all
three go through one evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from generator.rules.facts.table import Formula, facts


class Unstated(Exception):
    """A fact that neither the card nor its derivation yields; ``name`` is the one that is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Facts:
    """Facts of one thing, and where they are missing those of what contains it.

    Parameters
    ----------
    stated : mapping of str to value
        Values in canonical units; ``None`` counts as not stated.
    around : Facts or None
        Where to look for what is not stated here: the card of a step.
    uncertainties : mapping of str to float, optional
        Half width of facts that are estimates, in the unit of the fact.
    """

    __slots__ = ("_around", "_known", "_missing", "_stated", "_table", "_uncertainties", "looked_up")

    def __init__(
        self,
        stated: Mapping[str, Any],
        around: Facts | None = None,
        uncertainties: Mapping[str, float] | None = None,
    ) -> None:
        self._stated = stated
        self._known = dict(stated)
        self._missing: dict[str, str] = {}
        self._around = around
        self._uncertainties = uncertainties or {}
        self._table = facts()
        self.looked_up: set[str] = set()

    @property
    def text(self) -> str:
        """Everything that is stated here, to tell whether two views are of the same."""
        return repr((self._stated, self._uncertainties))

    def known_value(self, name: str) -> tuple[Any, float | str]:
        """Return a fact and its uncertainty, or ``None`` and the fact that is missing for it."""
        try:
            return self[name], self.uncertainty(name)
        except Unstated as unstated:
            return None, unstated.name

    def __getitem__(self, name: str) -> Any:
        """Return a fact, or raise Unstated with the name of the one it lacks."""
        found = self._known.get(name)
        if found is not None:
            return found
        if name in self._missing:
            raise Unstated(self._missing[name])
        try:
            found = self._find(name)
        except Unstated as unstated:
            self._missing[name] = unstated.name  # the name only: an exception would keep its frames alive
            raise
        self._known[name] = found
        return found

    def _find(self, name: str) -> Any:
        fact = self._table.get(name)
        if fact is not None and fact.formula is not None and self._own(fact.scope):
            found = self._computed(fact.formula, name)
            if found is not None:
                return found
        elif self._around is not None:
            self.looked_up.add(name)
            return self._around[name]
        raise Unstated(name)

    def _computed(self, formula: Formula, name: str) -> Any:
        """Apply a formula; a value for which it has no meaning (a time of zero) leaves the fact unstated."""
        try:
            found = formula(self)
        except (ArithmeticError, ValueError) as error:
            raise Unstated(name) from error
        if isinstance(found, float) and not isfinite(found):
            raise Unstated(name)
        return found

    def _own(self, scope: str) -> bool:
        """Say whether a derived fact is computed here: facts of a card are not those of its steps."""
        return self._around is None or scope == "step"

    def get(self, name: str) -> Any:
        """Return a fact, or ``None`` where it is not stated."""
        found = self._known.get(name)
        if found is not None or name in self._missing:
            return found
        try:
            return self[name]
        except Unstated:
            return None

    def uncertainty(self, name: str) -> float:
        """Half width of a fact that is an estimate; 0 for what is stated."""
        if name in self._uncertainties:
            return self._uncertainties[name]
        if self._around is None:
            return 0.0
        self.looked_up.add(name)
        return self._around.uncertainty(name)
