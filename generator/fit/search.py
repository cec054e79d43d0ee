"""One choice for every scan, so that the prices add up to the least and the weights stay below a limit.

Best first: a partial choice is worth its price so far and the least price of the rest, which a table of the
best prices of every tail knows. What comes out comes in order of price, so that the first one that also
passes what cannot be added up (rules about several scans) is the best there is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

_SLACK = 1e-9

Frontier = list[tuple[float, float]]
"""Pairs of weight and price, weights rising and prices falling."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the choices for one scan.

    Attributes
    ----------
    price, weight : float
        Of which the sum is to be small.
    filling : float
        Of which there may be too little.
    """

    price: float
    weight: float
    filling: float = 0.0


def cheapest(
    groups: Sequence[Sequence[Choice]], limit: float, least_filling: float = -inf
) -> Iterator[tuple[int, ...]]:
    """Choose one of every group, in order of total price.

    Parameters
    ----------
    groups : sequence of sequence of Choice
        Prices must not be negative.
    limit : float
        What the weights together may be at the most.
    least_filling : float
        What the fillings together have to be at the least.

    Yields
    ------
    tuple of int
        Index of the choice in each group; of equal prices the earlier choices first.
    """
    tails, fillings = _tails(groups), _most_filling(groups)
    heap = [_Part((), 0.0, 0.0, 0.0).ranked(tails, limit)] if fillings[0] >= least_filling - _SLACK else []
    while heap:
        worth, chosen, part = heappop(heap)
        if worth == inf:
            return
        place = len(chosen)
        if place == len(groups):
            yield chosen
            continue
        for index, choice in enumerate(groups[place]):
            longer = part.with_choice(index, choice)
            if longer.filling + fillings[place + 1] >= least_filling - _SLACK:
                heappush(heap, longer.ranked(tails, limit))


@dataclass(frozen=True, slots=True)
class _Part:
    """Choices for the first few groups, and what they add up to."""

    chosen: tuple[int, ...]
    price: float
    weight: float
    filling: float

    def with_choice(self, index: int, choice: Choice) -> _Part:
        return _Part(
            (*self.chosen, index),
            self.price + choice.price,
            self.weight + choice.weight,
            self.filling + choice.filling,
        )

    def ranked(self, tails: Sequence[Frontier], limit: float) -> tuple[float, tuple[int, ...], _Part]:
        """Rank it by the least price it can come to; infinite if it cannot keep the limit."""
        return self.price + _least(tails[len(self.chosen)], limit - self.weight), self.chosen, self


def _tails(groups: Sequence[Sequence[Choice]]) -> list[Frontier]:
    """For every place the prices that the groups from there on can have, and the weights they need."""
    tails: list[Frontier] = [[(0.0, 0.0)]]
    for group in reversed(groups):
        sums = [(w + c.weight, p + c.price) for w, p in tails[-1] for c in group]
        tails.append(_frontier(sums))
    return tails[::-1]


def _frontier(pairs: list[tuple[float, float]]) -> Frontier:
    """Drop every pair that another one beats."""
    best: Frontier = []
    for weight, price in sorted(pairs):
        if not best or price < best[-1][1]:
            best.append((weight, price))
    return best


def _most_filling(groups: Sequence[Sequence[Choice]]) -> list[float]:
    """For every place the most filling of the groups from there on."""
    sums = [0.0]
    for group in reversed(groups):
        sums.append(sums[-1] + max(choice.filling for choice in group))
    return sums[::-1]


def _least(frontier: Frontier, limit: float) -> float:
    """Least price at no more than a weight; infinite if even the lightest is heavier."""
    place = bisect_right(frontier, (limit + _SLACK, inf))
    return frontier[place - 1][1] if place else inf
