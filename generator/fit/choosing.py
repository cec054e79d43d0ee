"""From the options of single scans to the choice for the whole card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

from generator.fit.guard import Guard
from generator.fit.options import Option
from generator.fit.scans import ScanGroup, changed
from generator.fit.search import Choice, cheapest
from generator.model.tree import Protocol

MOST_TRIED = 100
"""Choices that are held against the rules of the whole card before the search gives up, and says so."""

Chosen = tuple[Option, ...]


def apply(protocol: Protocol, scans: Sequence[ScanGroup], chosen: Chosen) -> Protocol:
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
    scans: Sequence[ScanGroup]
    options: Sequence[Sequence[Option]]
    exhaustive: bool = True
    _refused: set[tuple[int, int]] = field(default_factory=set)

    def cheapest(self, budget: float) -> Chosen | None:
        """Least harmful choice within a budget in seconds; ``None`` if there is none."""
        prices = [[one.price for one in group] for group in self.options]
        return self._first_admitted(cheapest(self._choices(prices), budget, self._least_filling))

    def fastest(self) -> Chosen:
        """Shortest choice; the scans as they are if nothing can be changed."""
        times = [[one.time.longest for one in group] for group in self.options]
        found = self._first_admitted(cheapest(self._choices(times), inf, self._least_filling))
        return found or tuple(group[0] for group in self.options)

    def _choices(self, prices: Sequence[Sequence[float]]) -> list[list[Choice]]:
        return [
            [
                Choice(price, option.time.longest, self._filling(scan, option))
                for price, option in zip(own, group, strict=True)
            ]
            for own, scan, group in zip(prices, self.scans, self.options, strict=True)
        ]

    def _filling(self, scan: ScanGroup, option: Option) -> float:
        """Seconds that the scan surely fills of the wait for contrast images."""
        inside = len(self.guard.window.steps.intersection(scan.counted))
        return inside * max(0.0, option.time.seconds - option.time.uncertainty) / len(scan.counted)

    @property
    def _least_filling(self) -> float:
        as_they_are = zip(self.scans, (group[0] for group in self.options), strict=True)
        return sum(self._filling(scan, option) for scan, option in as_they_are) - self.guard.window.spare

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
