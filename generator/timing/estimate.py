"""What an estimate of an acquisition time is made of."""

from __future__ import annotations

from dataclasses import dataclass

from generator.text import clock


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
        Half width in seconds within which the console's time is expected.
    family : str
        The formula that was used.
    terms : tuple of Term
        Every quantity that entered, in the order of the formula.
    """

    seconds: float
    uncertainty: float
    family: str
    terms: tuple[Term, ...] = ()


def with_margin(seconds: float, uncertainty: float) -> str:
    """Write a time and its uncertainty: ``4:44 ± 0:05``."""
    return f"{clock(seconds)} ± {clock(max(uncertainty, 1.0))}"


def explain(estimate: Estimate) -> list[str]:
    """Write an estimate out, one line a term, as ``timeline --explain`` prints it."""
    lines = [f"{estimate.family}: {with_margin(estimate.seconds, estimate.uncertainty)}"]
    for term in estimate.terms:
        margin = f", moves the time by ± {term.spread:.1f} s" if term.spread >= 0.05 else ""
        value = f"{term.value:.6g} {term.unit}".strip()
        lines.append(f"  {term.name}: {value} ({term.source}{margin})")
    return lines
