"""Longitudinal magnetisation: every pulse and every wait is a straight line ``m -> share m + gain``.

Lines compose to lines, so that the steady state of a cycle of any length has a closed form. Magnetisation
is in units of its equilibrium; times are in ms, angles in degrees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, exp, radians


@dataclass(frozen=True, slots=True)
class Line:
    """What an event makes of the longitudinal magnetisation: ``share * m + gain``."""

    share: float
    gain: float

    def __call__(self, magnetisation: float) -> float:
        """Apply the event."""
        return self.share * magnetisation + self.gain

    def then(self, later: Line) -> Line:
        """Join two events to one."""
        return Line(later.share * self.share, later.share * self.gain + later.gain)

    def times(self, number: int) -> Line:
        """Repeat an event."""
        share = self.share**number
        summed = number if self.share == 1 else (1 - share) / (1 - self.share)
        return Line(share, self.gain * summed)

    @property
    def steady(self) -> float:
        """Magnetisation that the event leaves as it is."""
        return self.gain / (1 - self.share)


def wait(duration: float, t1: float) -> Line:
    """Recovery."""
    left = exp(-max(duration, 0.0) / t1)
    return Line(left, 1 - left)


def pulse(angle: float) -> Line:
    """A pulse whose transverse magnetisation is spoiled or read, but does not come back."""
    return Line(cos(radians(angle)), 0.0)


def inversion(efficiency: float = 1.0) -> Line:
    """An inversion; the efficiency is the share of the magnetisation that it turns over."""
    return Line(-efficiency, 0.0)


def sequence(events: Iterable[Line]) -> Line:
    """Join events in the order of time."""
    joined = Line(1.0, 0.0)
    for event in events:
        joined = joined.then(event)
    return joined


def train(angles: Iterable[float], spacing: float, t1: float) -> Line:
    """Refocusing pulses, each in the middle of an echo spacing: what recovers meanwhile is turned by them."""
    half = wait(spacing / 2, t1)
    return sequence(event for angle in angles for event in (half, pulse(angle), half))
