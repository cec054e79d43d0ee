"""One choice for every scan, so that the prices add up to the least and the weights stay below a limit.

Best first: a partial choice is worth its price so far and the least price of the rest, which a table of the
best prices of every tail knows exactly. What comes out comes in order of price, so that the first one that
also passes what cannot be added up (rules about several scans, waits) is the best there is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the choices for one scan."""

    price: float
    weight: float


def cheapest(groups: Sequence[Sequence[Choice]], limit: float) -> Iterator[tuple[int, ...]]:
    """Choose one of every group, in order of total price.

    Parameters
    ----------
    groups : sequence of sequence of Choice
        Prices must not be negative.
    limit : float
        What the weights together may be at the most.

    Yields
    ------
    tuple of int
        Index of the choice in each group; of equal prices the earlier choices first.
    """
    tails = _tails(groups)
    first = _least(tails[0], limit)
    heap: list[tuple[float, tuple[int, ...], float, float]] = []
    if first is not None:
        heap.append((first, (), 0.0, 0.0))
    while heap:
        _, chosen, price, weight = heappop(heap)
        place = len(chosen)
        if place == len(groups):
            yield chosen
            continue
        for index, choice in enumerate(groups[place]):
            spent, heavy = price + choice.price, weight + choice.weight
            rest = _least(tails[place + 1], limit - heavy)
            if rest is not None:
                heappush(heap, (spent + rest, (*chosen, index), spent, heavy))


Frontier = list[tuple[float, float]]
"""Pairs of weight and price, weights rising and prices falling."""


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


def _least(frontier: Frontier, limit: float) -> float | None:
    """Least price at no more than a weight; ``None`` if even the lightest is heavier."""
    place = bisect_right(frontier, (limit + _SLACK, float("inf")))
    return frontier[place - 1][1] if place else None
