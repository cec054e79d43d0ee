"""From the options of single scans to the choice for the whole card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.fit.guard import Guard
from generator.fit.options import Option
from generator.fit.scans import Scan, changed
from generator.fit.search import Choice, cheapest
from generator.model.tree import Protocol

MOST_TRIED = 200
"""Choices that are held against the rules of the whole card before the search gives up, and says so."""

Chosen = tuple[Option, ...]


def apply(protocol: Protocol, scans: Sequence[Scan], chosen: Chosen) -> Protocol:
    """Make every scan as chosen."""
    for scan, option in zip(scans, chosen, strict=True):
        protocol = changed(protocol, scan.steps, option.values)
    return protocol


@dataclass
class Search:
    """Looks for the choice of least price, or of least time, that the whole card admits.

    Attributes
    ----------
    options : sequence of sequence of Option
        For every scan; the first one is the scan as it is.
    exhaustive : bool
        Whether no choice had to be left untried.
    """

    guard: Guard
    scans: Sequence[Scan]
    options: Sequence[Sequence[Option]]
    exhaustive: bool = True
    _refused: set[tuple[int, int]] = field(default_factory=set)

    def cheapest(self, budget: float) -> Chosen | None:
        """Least harmful choice within a budget in seconds; ``None`` if there is none."""
        groups = [[Choice(one.price, one.time.longest) for one in group] for group in self.options]
        return self._first_admitted(cheapest(groups, budget))

    def fastest(self) -> Chosen:
        """Shortest choice; the scans as they are if nothing can be changed."""
        groups = [[Choice(one.time.longest, 0.0) for one in group] for group in self.options]
        return self._first_admitted(cheapest(groups, 0.0)) or tuple(group[0] for group in self.options)

    def _first_admitted(self, choices: Iterator[tuple[int, ...]]) -> Chosen | None:
        tried = 0
        for indices in choices:
            if not self._refused.isdisjoint(enumerate(indices)):
                continue
            if tried == MOST_TRIED:
                self.exhaustive = False
                return None
            tried += 1
            chosen = tuple(group[index] for group, index in zip(self.options, indices, strict=True))
            if self._admits(chosen):
                return chosen
            self._refuse_those_that_fail_alone(indices, chosen)
        return None

    def _admits(self, chosen: Chosen) -> bool:
        protocol = apply(self.guard.protocol, self.scans, chosen)
        return not self.guard.lengthens_wait(protocol) and not self.guard.objections_to_card(protocol)

    def _refuse_those_that_fail_alone(self, indices: tuple[int, ...], chosen: Chosen) -> None:
        """Remember options whose moves are good one by one and not together."""
        for place, (scan, option) in enumerate(zip(self.scans, chosen, strict=True)):
            if len(option.taken) < 2:
                continue
            protocol = changed(self.guard.protocol, scan.steps, option.values)
            if self.guard.lengthens_wait(protocol) or self.guard.objections(protocol):
                self._refused.add((place, indices[place]))
