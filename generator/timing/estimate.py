"""What an estimate of an acquisition time is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.text import clock

Interval = tuple[float, float]
"""Seconds between which nine of ten consoles' times lie."""

UNPROVEN = "unproven on this vendor"


@dataclass(frozen=True, slots=True)
class Term:
    """One named quantity of a time formula, with the value it took and where it comes from.

    Attributes
    ----------
    spread : float
        Seconds by which the estimate may move because this quantity is modelled and not known.
    """

    name: str
    value: float
    unit: str
    source: str
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """An acquisition time computed from the parameters of a scan.

    Attributes
    ----------
    seconds : float
        The estimate.
    uncertainty : float
        Half width in seconds of the interval; without one, of what the modelled quantities leave open.
    family : str
        The formula that was used.
    exports : int
        Exports (sites) of this vendor whose times of this family the interval was measured on.
    terms : tuple of Term
        Every quantity that entered, in the order of the formula.
    """

    seconds: float
    uncertainty: float
    family: str
    exports: int = 0
    terms: tuple[Term, ...] = ()

    @property
    def interval(self) -> Interval | None:
        """The 90 % interval; ``None`` where no export of the vendor speaks."""
        if not self.exports:
            return None
        return max(0.0, self.seconds - self.uncertainty), self.seconds + self.uncertainty


def with_interval(seconds: float, interval: Interval | None, say: Callable[[str], str] = str) -> str:
    """Write a time and its interval: ``4:12 (3:58-4:30)``; ``say`` translates why there is none."""
    if interval is None:
        return f"{clock(seconds)} ({say(UNPROVEN)})"
    return f"{clock(seconds)} ({clock(interval[0])}-{clock(interval[1])})"


def at_least(seconds: float) -> str:
    """Write a time to which scans without one have to be added."""
    return f"> {clock(seconds)}" if seconds else "?"


def explain(estimate: Estimate) -> list[str]:
    """Write an estimate out, one line a term, as ``timeline --explain`` prints it."""
    lines = [f"{estimate.family}: {with_interval(estimate.seconds, estimate.interval)}"]
    if estimate.exports:
        count = f"{estimate.exports} export{'s' if estimate.exports > 1 else ''}"
        lines[0] += f", nine of ten by {count} of this vendor"
    for term in estimate.terms:
        margin = f", moves the time by ± {term.spread:.1f} s" if term.spread >= 0.05 else ""
        value = f"{term.value:.6g} {term.unit}".strip()
        lines.append(f"  {term.name}: {value} ({term.source}{margin})")
    return lines
