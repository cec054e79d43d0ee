"""What an estimate of an acquisition time is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One named quantity of a time formula, with the value it took and where it comes from."""

    name: str
    value: float
    unit: str
    source: str


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
