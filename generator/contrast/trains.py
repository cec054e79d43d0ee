"""Refocusing angles of a 3D turbo spin echo, by published designs, and the echo time that they amount to.

What a vendor does with its angles is not public. The design used is that of Busse 2008 (MRM 60:640): angles
are given for the first echo after the start-up and for the centre of k-space; the echoes follow the pseudo
steady state of these angles; and every angle is solved from the phase graph. The values given by the paper
are the nominal design; the smallest and the largest in use bound what another vendor does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import inf, log

from generator.contrast import phasegraph
from generator.contrast.phasegraph import Angles


@dataclass(frozen=True, slots=True)
class Design:
    """Refocusing angles (degrees) a train is designed for: after the start-up, and at the centre."""

    least: float
    centre: float


DESIGNS = (Design(25, 70), Design(15, 55), Design(40, 100))
"""Nominal design first (Busse 2008); the others bound the ranges 10 to 40 and 60 to 100 that are in use."""

DESIGN_T1, DESIGN_T2 = 1000.0, 100.0
"""Relaxation times (ms) for which papers and consoles give a contrast-equivalent echo time (Busse 2006)."""

_STEADY = (
    *((0, 0.0), (10, 0.20), (15, 0.28), (20, 0.34), (25, 0.40), (30, 0.45), (40, 0.54), (50, 0.618)),
    *((60, 0.684), (70, 0.741), (80, 0.79), (90, 0.835), (100, 0.870), (110, 0.90), (120, 0.928)),
    *((140, 0.969), (160, 0.992), (180, 1.0)),
)
"""Refocusing angle and the largest echo that stays constant under it without relaxation."""

_RISE = 1.5
"""Power by which the angle rises up to the centre (Busse 2008)."""


def steady_echo(angle: float) -> float:
    """Echo of the pseudo steady state of a constant refocusing angle (degrees), without relaxation."""
    (low, below), (high, above) = next(pair for pair in pairwise(_STEADY) if angle <= pair[1][0])
    return below + (angle - low) * (above - below) / (high - low)


@lru_cache(maxsize=512)
def variable_angles(centre: int, design: Design = DESIGNS[0]) -> Angles:
    """Refocusing angles up to the echo that fills the centre of k-space.

    Parameters
    ----------
    centre : int
        Number of that echo, from 1.

    Returns
    -------
    tuple of float
        Degrees, one for each echo.
    """
    return phasegraph.solve(list(_targets(centre, design)))


def _targets(centre: int, design: Design) -> Iterator[float]:
    """Echoes of a train: half way to the steady state with every start-up echo, then along it."""
    echo = 1.0
    for number in range(1, centre + 1):
        angle = design.least + (design.centre - design.least) * (number / centre) ** _RISE
        echo = (echo + steady_echo(angle)) / 2
        yield echo


@lru_cache(maxsize=64)
def constant_angles(number: int, angle: float) -> Angles:
    """Refocusing angles of a train of one angle (degrees), begun half way from 180 degrees (Hennig 1988)."""
    return ((180 + angle) / 2, *[angle] * (number - 1))


def equivalent_echo_time(
    angles: Angles, spacing: float, t1: float = DESIGN_T1, t2: float = DESIGN_T2
) -> float:
    """Echo time (ms) of a spin echo that is weighted like the last echo of these angles.

    How much relaxation takes from the echo, expressed as T2 decay (Busse 2006, MRM 55:1030).
    """
    without = phasegraph.echo(angles, spacing, inf, inf)
    return -t2 * log(phasegraph.echo(angles, spacing, t1, t2) / without)


@lru_cache(maxsize=256)
def centre_of(wanted: float, length: int, spacing: float, design: Design = DESIGNS[0]) -> int | None:
    """Echo that has to fill the centre of k-space for a contrast-equivalent echo time (ms).

    Returns
    -------
    int or None
        From 1; ``None`` if no echo of the train is weighted so much.
    """
    number = min(length, max(1, round(wanted / spacing / _SHARE)))
    for _ in range(_ATTEMPTS):
        got = equivalent_echo_time(variable_angles(number, design), spacing)
        if number == length and got < wanted:
            return None
        better = min(length, max(1, round(number * wanted / got)))
        if better == number:
            break
        number = better
    return number


_SHARE = 0.42  # contrast-equivalent over real echo time of long trains: where the search begins
_ATTEMPTS = 6
