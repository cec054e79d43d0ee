"""The same question answered by trying everything: slow, plain, and by other code than the search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import log
from typing import Any

from generator.contrast.noise import LEAST, relative_signal
from generator.fit.guard import Guard
from generator.fit.moves import MOVES, Move, abilities
from generator.fit.options import MOST_MOVES
from generator.model.tree import Acquisition, Protocol
from generator.timing.steps import step_time


@dataclass(frozen=True)
class Way:
    """A way to make one scan: what it costs, how long it takes at the most, the values it needs."""

    price: float
    longest: float
    values: dict[str, Any]


def cheapest_price(guard: Guard, budget: float) -> float | None:
    """Least price of all admissible ways to make all scans; ``None`` if none keeps the budget."""
    ways = [list(_ways(guard, index)) for index in range(len(guard.protocol.steps))]
    every = (chosen for chosen in product(*ways) if sum(way.longest for way in chosen) <= budget)
    for chosen in sorted(every, key=lambda ways: sum(way.price for way in ways)):
        made = _made(guard.protocol, [way.values for way in chosen])
        if not guard.lengthens_wait(made) and not guard.objections_to_card(made):
            return sum(way.price for way in chosen)
    return None


def _made(protocol: Protocol, chosen: Sequence[Mapping[str, Any]]) -> Protocol:
    steps = [step.model_copy(update=values) for step, values in zip(protocol.steps, chosen, strict=True)]
    return protocol.model_copy(update={"steps": tuple(steps)})


def _ways(guard: Guard, index: int) -> Iterator[Way]:
    """Every way to make one scan, the scan as it is among them."""
    scan = guard.protocol.steps[index]
    if not isinstance(scan, Acquisition):
        yield Way(0.0, 0.0, {})
        return
    yield Way(0.0, _longest(guard, scan), {})
    fitting = [move for move in MOVES if move.suits(scan, abilities(guard.scanner))]
    for count in range(1, MOST_MOVES + 1):
        for moves in combinations(fitting, count):
            yield from _steps(guard, index, scan, moves)


def _longest(guard: Guard, scan: Acquisition) -> float:
    time = step_time(scan, guard.target)
    return (time.duration or 0.0) + time.uncertainty


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
        changed: list[dict[str, Any]] = [{}] * len(guard.protocol.steps)
        changed[index] = values
        if all(guard.is_judged(_made(guard.protocol, changed), [index], rules) for rules in judges):
            depths = zip(moves, rungs, strict=True)
            price = sum(move.surcharge * depth for move, (depth, _) in depths) - log(signal)
            yield Way(price, _longest(guard, after), values)
