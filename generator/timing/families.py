"""Which formula times which scan, and the estimate itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite, sqrt

from generator.model.tree import Acquisition
from generator.timing import gradient, planar, prepared, turbo
from generator.timing.estimate import Estimate
from generator.timing.ledger import Ledger, Missing
from generator.timing.overheads import overhead

Formula = Callable[[Ledger], float]

FAMILIES: Mapping[str, tuple[str, Formula]] = {
    "magnetization_prepared_gradient_echo": ("prepared gradient echo", prepared.prepared_gradient_echo),
    "mp2rage": ("MP2RAGE", prepared.prepared_gradient_echo),
    "gradient_echo": ("gradient echo", gradient.gradient_echo),
    "multi_echo_gradient_echo": ("multi-echo gradient echo", gradient.gradient_echo),
    "susceptibility_weighted": ("susceptibility weighted", gradient.gradient_echo),
    "balanced_ssfp": ("balanced SSFP", gradient.gradient_echo),
    "time_of_flight": ("time of flight", gradient.gradient_echo),
    "field_map": ("field map", gradient.gradient_echo),
    "calibration": ("calibration", gradient.calibration),
    "turbo_spin_echo": ("turbo spin echo", turbo.turbo_spin_echo),
    "spin_echo": ("spin echo", turbo.turbo_spin_echo),
    "single_shot_turbo_spin_echo": ("single-shot turbo spin echo", turbo.single_shot),
    "echo_planar_diffusion": ("EPI diffusion", planar.diffusion),
    "echo_planar_bold": ("EPI time series", planar.bold),
    "arterial_spin_labelling": ("arterial spin labelling", planar.spin_labelling),
}
"""Technique to the name of its family and its formula. No entry: no estimate, never a guess."""

_ROUNDING = 0.5  # s; consoles show whole seconds


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
    try:
        return _estimate(acquisition, vendor, field_strength, software)
    except Missing:
        return None


def explain_missing(
    acquisition: Acquisition,
    vendor: str | None = None,
    field_strength: float | None = None,
    software: str | None = None,
) -> str:
    """Say why a scan has no estimate; empty if it has one."""
    try:
        _estimate(acquisition, vendor, field_strength, software)
    except Missing as missing:
        return missing.what
    return ""


def _estimate(
    scan: Acquisition, vendor: str | None, field_strength: float | None, software: str | None
) -> Estimate:
    family, formula = formula_of(scan)
    ledger = Ledger(scan, vendor, field_strength, software)
    total = formula(ledger)
    if not isfinite(total):
        raise Missing("parameters of a possible scan")
    spreads = _spreads(ledger, formula, total)
    model = overhead("model error", vendor).value * total
    uncertainty = sqrt(sum(value**2 for value in spreads.values()) + model**2 + _ROUNDING**2)
    terms = tuple(replace(term, spread=spreads.get(term.name, 0.0)) for term in ledger.terms)
    return Estimate(max(total, 0.0), uncertainty, family, terms)


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
    if scan.technique == "other" and _is_series_of_trains(scan):
        return FAMILIES["echo_planar_bold"]
    if scan.technique not in FAMILIES:
        raise Missing(f"a formula for {scan.technique.replace('_', ' ')}")
    blades = scan.readout == "propeller" and scan.technique == "turbo_spin_echo"
    if scan.readout not in (None, "cartesian") and not blades:
        raise Missing(f"a formula for a {scan.readout} readout")
    return FAMILIES[scan.technique]


def _is_series_of_trains(scan: Acquisition) -> bool:
    """Say whether a scan is a 2D time series of echo trains, such as a spin-echo EPI, whatever it is for."""
    dynamic = scan.number_of_volumes_discarded_by_scanner is not None
    return dynamic and scan.mr_acquisition_type == "2D" and scan.echo_train_length is not None
