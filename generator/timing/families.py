"""Which formula times which scan, and the estimate itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil, isfinite, sqrt

from generator.model.kept import per_scan
from generator.model.tree import Acquisition
from generator.timing import gradient, planar, prepared, turbo
from generator.timing.estimate import Estimate, Term
from generator.timing.ledger import Ledger, Missing
from generator.timing.overheads import habit
from generator.timing.proof import proof

Formula = Callable[[Ledger], float]

TRIGGERED = "triggered"
"""Why there is no estimate of a scan that waits for the heart or for breathing."""

FAMILIES: Mapping[str, tuple[str, Formula]] = {
    "magnetization_prepared_gradient_echo": ("prepared gradient echo", prepared.prepared_gradient_echo),
    "mp2rage": ("MP2RAGE", prepared.prepared_gradient_echo),
    "gradient_echo": ("gradient echo", gradient.gradient_echo),
    "multi_echo_gradient_echo": ("multi-echo gradient echo", gradient.gradient_echo),
    "susceptibility_weighted": ("susceptibility weighted", gradient.gradient_echo),
    "balanced_ssfp": ("balanced SSFP", gradient.gradient_echo),
    "time_of_flight": ("time of flight", gradient.gradient_echo),
    "field_map": ("field map", gradient.field_map),
    "turbo_spin_echo": ("turbo spin echo", turbo.turbo_spin_echo),
    "spin_echo": ("spin echo", turbo.turbo_spin_echo),
    "single_shot_turbo_spin_echo": ("single-shot turbo spin echo", turbo.single_shot),
    "echo_planar_diffusion": ("EPI diffusion", planar.diffusion),
    "echo_planar_bold": ("EPI time series", planar.bold),
    "arterial_spin_labelling": ("arterial spin labelling", planar.spin_labelling),
}
"""Technique to the name of its family and its formula. No entry: no estimate, never a guess."""

_ROUNDING = 0.5  # s; consoles show whole seconds
_UNEXPLAINED = 0.005  # share of a time that no term speaks of
_UNPROVEN = 2.0  # half widths: without a proof what is modelled counts twice


def estimate(
    acquisition: Acquisition,
    vendor: str | None,
    field_strength: float | None = None,
    software: str | None = None,
) -> Estimate | None:
    """Compute the time of a scan from its own parameters.

    Parameters
    ----------
    acquisition : Acquisition
        The scan. Its stated ``acquisition_duration`` is not looked at.
    vendor : str or None
        Whose habits apply (dummies, reference lines, preparation); ``None`` for the bare formula.
    field_strength : float, optional
        In tesla.
    software : str, optional
        Release of the scanner; the newest where it is not known.

    Returns
    -------
    Estimate or None
        ``None`` where the family has no formula or a parameter is missing; see :func:`explain_missing`.
    """
    return attempt(acquisition, vendor, field_strength, software)[0]


@per_scan
def attempt(
    acquisition: Acquisition,
    vendor: str | None,
    field_strength: float | None = None,
    software: str | None = None,
) -> tuple[Estimate | None, str]:
    """Return the estimate of a scan, or ``None`` and what it lacks; parameters as of :func:`estimate`."""
    try:
        return _estimate(acquisition, vendor, field_strength, software), ""
    except Missing as missing:
        return None, missing.what


def explain_missing(
    acquisition: Acquisition,
    vendor: str | None = None,
    field_strength: float | None = None,
    software: str | None = None,
) -> str:
    """Say why a scan has no estimate, or what it lacks; empty if it has one. See :func:`why_not`."""
    return attempt(acquisition, vendor, field_strength, software)[1]


def why_not(missing: str) -> str:
    """Write as a sentence what :func:`explain_missing` returned."""
    return f"cannot be estimated: {missing}" if missing == TRIGGERED else f"no estimate without {missing}"


def _estimate(
    scan: Acquisition, vendor: str | None, field_strength: float | None, software: str | None
) -> Estimate:
    found = compute(scan, vendor, field_strength, software)
    proven = proof(vendor, found.family)
    width = found.open * (proven.factor if proven else _UNPROVEN)
    return Estimate(found.seconds, width, found.family, proven.exports if proven else 0, found.terms)


@dataclass(frozen=True, slots=True)
class Computed:
    """What a formula gives, without what exports have shown.

    Attributes
    ----------
    open : float
        Seconds that the modelled quantities, rounding and a share that no term speaks of leave open.
    """

    seconds: float
    open: float
    family: str
    terms: tuple[Term, ...] = ()


def compute(
    scan: Acquisition, vendor: str | None, field_strength: float | None = None, software: str | None = None
) -> Computed:
    """Apply the formula of a scan; raises :class:`Missing` where there is none or a parameter is missing."""
    family, formula = formula_of(scan)
    ledger = Ledger(scan, vendor, field_strength, software)
    total = formula(ledger)
    if not isfinite(total):
        raise Missing("parameters of a possible scan")
    spreads = _spreads(ledger, formula, total)
    seconds = _shown(ledger, max(total, 0.0))
    left = sqrt(sum(v**2 for v in spreads.values()) + (_UNEXPLAINED * seconds) ** 2 + _ROUNDING**2)
    terms = tuple(replace(term, spread=spreads.get(term.name, 0.0)) for term in ledger.terms)
    return Computed(seconds, left, family, terms)


def _shown(ledger: Ledger, total: float) -> float:
    """Seconds as the console shows them."""
    if not habit("times are rounded up", ledger.vendor):
        return total
    return ledger.note("time, rounded up", ceil(total - 1e-6), "s", "whole seconds on the console")


def _spreads(ledger: Ledger, formula: Formula, total: float) -> dict[str, float]:
    """Seconds by which each modelled quantity moves the time between its bounds."""
    return {
        name: max(
            abs(formula(replace(ledger, forced={name: bound}, terms=[], assumed={})) - total)
            for bound in (assumed.low, assumed.high)
        )
        for name, assumed in ledger.assumed.items()
        if assumed.low != assumed.high
    }


def formula_of(scan: Acquisition) -> tuple[str, Formula]:
    """Return the name of the family of a scan and its formula.

    Raises
    ------
    Missing
        If there is none.
    """
    if scan.technique is None:
        raise Missing("technique")
    if scan.gating not in (None, "none") or scan.rr_intervals is not None:
        raise Missing(TRIGGERED)
    if scan.technique == "other" and _is_series_of_trains(scan):
        return FAMILIES["echo_planar_bold"]
    if scan.technique not in FAMILIES:
        name = "a sequence of its own" if scan.technique == "other" else scan.technique.replace("_", " ")
        raise Missing(f"a formula for {name}")
    blades = scan.readout == "propeller" and scan.technique == "turbo_spin_echo"
    if scan.readout not in (None, "cartesian") and not blades:
        raise Missing(f"a formula for a {scan.readout} readout")
    return FAMILIES[scan.technique]


def _is_series_of_trains(scan: Acquisition) -> bool:
    """Say whether a scan is a 2D time series of echo trains, such as a spin-echo EPI, whatever it is for."""
    dynamic = scan.number_of_volumes_discarded_by_scanner is not None
    return dynamic and scan.mr_acquisition_type == "2D" and scan.echo_train_length is not None
