"""The same question answered by trying everything: slow, plain, and by other code than the search."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from math import log
from typing import Any

from generator.fit.guard import Guard
from generator.fit.moves import MOVES, Move, abilities
from generator.fit.options import MOST_MOVES
from generator.fit.signal import LEAST, relative_signal
from generator.model.tree import Acquisition, Protocol
from generator.timing.timeline import build_timeline

Way = tuple[float, dict[str, Any]]
"""Price of a way to make a scan, and the values it needs."""


def cheapest_price(guard: Guard, budget: float) -> float | None:
    """Least price of all admissible ways to make all scans; ``None`` if none keeps the budget."""
    protocol = guard.protocol
    ways = [list(_ways(guard, index)) for index in range(len(protocol.steps))]
    for price, chosen in sorted(_all(ways), key=lambda one: one[0]):
        made = _made(protocol, chosen)
        line = build_timeline(made, guard.target)
        within = line.counted + line.counted_uncertainty <= budget
        if within and not guard.lengthens_wait(made) and not guard.objections_to_card(made):
            return price
    return None


def _all(ways: list[list[Way]]) -> Iterator[tuple[float, tuple[dict[str, Any], ...]]]:
    for chosen in product(*ways):
        yield sum(price for price, _ in chosen), tuple(values for _, values in chosen)


def _made(protocol: Protocol, chosen: tuple[dict[str, Any], ...]) -> Protocol:
    steps = [step.model_copy(update=values) for step, values in zip(protocol.steps, chosen, strict=True)]
    return protocol.model_copy(update={"steps": tuple(steps)})


def _ways(guard: Guard, index: int) -> Iterator[Way]:
    """Every way to make one scan, the scan as it is among them."""
    scan = guard.protocol.steps[index]
    assert isinstance(scan, Acquisition)
    yield 0.0, {}
    fitting = [move for move in MOVES if move.suits(scan, abilities(guard.scanner))]
    for count in range(1, MOST_MOVES + 1):
        for moves in combinations(fitting, count):
            yield from _steps(guard, index, scan, moves)


def _steps(guard: Guard, index: int, scan: Acquisition, moves: tuple[Move, ...]) -> Iterator[Way]:
    ladders = [list(enumerate(move.ladder(scan, guard.target.vendor), start=1)) for move in moves]
    for rungs in product(*ladders):
        written = [name for _, values in rungs for name in values]
        values = {name: value for _, step in rungs for name, value in step.items()}
        after = scan.model_copy(update=values)
        signal = relative_signal(scan, after, guard.target.vendor) or 0.0
        if len(written) != len(set(written)) or signal < LEAST:
            continue
        judges = [move.judged_by for move in moves if move.judged_by]
        changed = [values if place == index else {} for place in range(len(guard.protocol.steps))]
        made = _made(guard.protocol, tuple(changed))
        if all(guard.is_judged(made, [index], rules) for rules in judges):
            depths = zip(moves, rungs, strict=True)
            yield sum(move.surcharge * depth for move, (depth, _) in depths) - log(signal), values
