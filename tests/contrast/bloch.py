"""Brute-force Bloch simulation: many spins, every pulse a rotation, every wait a relaxation, nothing clever.

It shares no formula with the program: no phase graph, no composed lines, no steady state in closed form.
Cycles are repeated until nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, exp, pi, radians, sin

Vector = tuple[float, float, float]


class Spins:
    """Magnetisation of spins that a crusher winds evenly once around."""

    def __init__(self, number: int, t1: float, t2: float) -> None:
        self.t1, self.t2 = t1, t2
        self.vectors: list[Vector] = [(0.0, 0.0, 1.0)] * number
        turns = [2 * pi * index / number for index in range(number)]
        self.winding = [(cos(turn), sin(turn)) for turn in turns]

    def pulse(self, angle: float, axis: str) -> None:
        """Rotate about x or y."""
        c, s = cos(radians(angle)), sin(radians(angle))
        if axis == "x":
            self.vectors = [(x, c * y - s * z, s * y + c * z) for x, y, z in self.vectors]
        else:
            self.vectors = [(c * x + s * z, y, c * z - s * x) for x, y, z in self.vectors]

    def wait(self, duration: float) -> None:
        """Relax."""
        e1, e2 = exp(-duration / self.t1), exp(-duration / self.t2)
        self.vectors = [(e2 * x, e2 * y, 1 - (1 - z) * e1) for x, y, z in self.vectors]

    def crush(self) -> None:
        """Wind the transverse magnetisation once around."""
        pairs = zip(self.vectors, self.winding, strict=True)
        self.vectors = [(x * c - y * s, x * s + y * c, z) for (x, y, z), (c, s) in pairs]

    def spoil(self) -> None:
        """Destroy the transverse magnetisation, and what is wound up along the field."""
        mean = sum(z for _, _, z in self.vectors) / len(self.vectors)
        self.vectors = [(0.0, 0.0, mean)] * len(self.vectors)

    @property
    def transverse(self) -> tuple[float, float]:
        """Mean transverse magnetisation."""
        count = len(self.vectors)
        return sum(v[0] for v in self.vectors) / count, sum(v[1] for v in self.vectors) / count


def settled(cycle: Callable[[], float], most: int = 400) -> float:
    """Repeat a cycle until its signal stays the same."""
    last = cycle()
    for _ in range(most):
        now = cycle()
        if abs(now - last) < 1e-7:
            return now
        last = now
    raise AssertionError("no steady state")


def spoiled(t1: float, t2: float, repetition: float, angle: float) -> float:
    """Signal of a spoiled gradient echo right after the excitation."""
    spins = Spins(1, t1, t2)

    def cycle() -> float:
        spins.pulse(angle, "x")
        signal = -spins.transverse[1]
        spins.spoil()
        spins.wait(repetition)
        return signal

    return settled(cycle, 4000)


def prepared(
    t1: float,
    cycle_time: float,
    delay: float,
    number: int,
    spacing: float,
    angle: float,
    centre: int,
    efficiency: float,
) -> float:
    """Signal of an inversion-prepared train right after the excitation at the centre of k-space."""
    (signal,) = trains(t1, cycle_time, [(delay, number, angle)], spacing, [centre], efficiency)
    return signal


def trains(
    t1: float,
    cycle_time: float,
    blocks: Sequence[tuple[float, int, float]],
    spacing: float,
    centres: Sequence[int],
    efficiency: float,
) -> list[float]:
    """Signals of one or more trains of excitations after one inversion, in the steady state.

    ``blocks`` holds the wait before each train, its excitations and their angle.
    """
    spins = Spins(1, t1, 50.0)
    for _ in range(30):
        read = []
        spins.vectors = [(0.0, 0.0, -efficiency * z) for _, _, z in spins.vectors]
        used = 0.0
        for (delay, number, angle), centre in zip(blocks, centres, strict=True):
            spins.wait(delay)
            for index in range(number):
                spins.pulse(angle, "x")
                if index == centre:
                    read.append(-spins.transverse[1])
                spins.spoil()
                spins.wait(spacing)
            used += delay + number * spacing
        spins.wait(cycle_time - used)
    return read


def spin_train(
    t1: float,
    t2: float,
    repetition: float,
    angles: Sequence[float],
    spacing: float,
    read: int,
    inversions: Sequence[float] = (),
    t2_preparation: float = 0.0,
) -> float:
    """Signal of the echo ``read`` (from 1) of a train that follows inversions, in the steady state."""
    spins = Spins(4 * len(angles) + 3, t1, t2)
    waits = [one - other for one, other in zip(inversions, [*inversions[1:], 0.0], strict=False)]
    rest = repetition - len(angles) * spacing - sum(waits) - t2_preparation
    assert rest >= 0

    def cycle() -> float:
        spins.wait(rest)
        if t2_preparation:
            spins.pulse(90, "x")
            spins.wait(t2_preparation)
            spins.pulse(-90, "x")
            spins.spoil()
        for wait in waits:
            spins.pulse(180, "x")
            spins.spoil()
            spins.wait(wait)
        spins.pulse(90, "y")  # to x, and refocusing about x keeps it there
        signal = 0.0
        for number, angle in enumerate(angles, start=1):
            spins.wait(spacing / 2)
            spins.crush()
            spins.pulse(angle, "x")
            spins.crush()
            spins.wait(spacing / 2)
            if number == read:
                signal = spins.transverse[0]
        spins.spoil()
        return signal

    return settled(cycle, 12)
