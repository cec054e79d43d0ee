"""Spin-echo trains by extended phase graphs (Weigel 2015, JMRI 41:266), without numpy.

In a CPMG train (excitation about x, refocusing about y) every state is real: ``F+``, ``F-`` and ``Z`` of each
order are three lists of floats. An echo needs only the orders that can still return to zero by then, so
that the work is a quarter of the square of the train.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import atan, cos, degrees, exp, inf, radians, sin, sqrt

Angles = tuple[float, ...]

MOST_ORDERS = 24
"""Orders kept where a whole train is followed; with more, no echo of a train of 250 changes by 0.5 %."""


@lru_cache(maxsize=4096)
def echo(angles: Angles, spacing: float, t1: float, t2: float) -> float:
    """Return the last echo of a train.

    Parameters
    ----------
    angles : tuple of float
        Refocusing angles (degrees) up to the echo that is asked for.
    spacing, t1, t2 : float
        Echo spacing and relaxation times in ms; ``inf`` for no relaxation.

    Returns
    -------
    float
        Share of the magnetisation that was excited.
    """
    train, last = _Train(spacing, t1, t2), len(angles)
    for number, angle in enumerate(angles, start=1):
        train.refocus(angle, min(number, last - number + 1))
    return train.echo


def echoes(angles: Sequence[float], spacing: float, t1: float = inf, t2: float = inf) -> list[float]:
    """Return every echo of a train, with :data:`MOST_ORDERS` orders."""
    return list(_followed(angles, spacing, t1, t2))


def _followed(angles: Sequence[float], spacing: float, t1: float, t2: float) -> Iterator[float]:
    train = _Train(spacing, t1, t2)
    for number, angle in enumerate(angles, start=1):
        train.refocus(angle, min(number, MOST_ORDERS))
        yield train.echo


def solve(targets: Sequence[float], most: float = 180.0) -> Angles:
    """Find the refocusing angles whose echoes are as prescribed, without relaxation.

    The tangent of half an angle solves a quadratic equation of the states before the pulse (Hennig 2004, MRM
    51:68); where no angle reaches the echo, the largest is taken.

    Parameters
    ----------
    targets : sequence of float
        Wanted echoes, shares of the magnetisation.
    most : float
        Largest angle in degrees.
    """
    train, found = _Train(1.0, inf, inf), []
    for number, target in enumerate(targets, start=1):
        found.append(min(train.angle_for(target), most))
        train.refocus(found[-1], min(number, MOST_ORDERS))
    return tuple(found)


class _Train:
    """States of a train at an echo; those at a pulse are half an interval later.

    Dephasing by half an interval is one step of order, so that pulses meet odd orders and echoes even ones.
    What recovers between the pulses lies on the orders of the other kind and never becomes an echo.
    """

    def __init__(self, spacing: float, t1: float, t2: float) -> None:
        self.e1, self.e2 = exp(-spacing / 2 / t1), exp(-spacing / 2 / t2)
        self.plus, self.minus, self.z = [1.0], [1.0], [0.0]  # F+ and F- of order 0, 2, ..; Z of 1, 3, ..

    @property
    def echo(self) -> float:
        return self.plus[0]

    def angle_for(self, target: float) -> float:
        """Angle (degrees) of the next pulse whose echo is the target, without relaxation."""
        _, down = [*self.minus, 0.0][:2]
        return _smallest_angle(self.plus[0] - target, self.z[0], down - target)

    def refocus(self, angle: float, orders: int) -> None:
        """Half an interval, a pulse, half an interval; of the orders at the pulse some are kept."""
        a, e1, e2 = radians(angle), self.e1, self.e2
        keep, flip = e2 * e2 * cos(a / 2) ** 2, e2 * e2 * sin(a / 2) ** 2
        mix, half, stay = e1 * e2 * sin(a), e1 * e2 * sin(a) / 2, e1 * e1 * cos(a)
        minus, z = [*self.minus[1:], 0.0, 0.0], [*self.z, 0.0]
        states = list(zip(self.plus[:orders], minus, z, strict=False))
        down = [flip * p + keep * m - mix * s for p, m, s in states]
        self.plus = [down[0], *[keep * p + flip * m + mix * s for p, m, s in states]]
        self.z = [stay * s + half * (m - p) for p, m, s in states]
        self.minus = down


def _smallest_angle(a: float, b: float, c: float) -> float:
    """Angle (degrees) of the smallest positive root of ``a x2 - 2 b x + c`` for the tangent of its half."""
    under = b * b - a * c
    if under < 0:
        return 180.0
    roots = [(b + sign * sqrt(under)) / a for sign in (-1, 1)] if a else [c / (2 * b)] if b else []
    positive = [root for root in roots if root > 0]
    return degrees(2 * atan(min(positive))) if positive else 180.0
