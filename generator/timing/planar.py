"""Echo-planar imaging: diffusion, BOLD, arterial spin labelling."""

from __future__ import annotations

from generator.timing.encoding import acceleration, averages, seconds
from generator.timing.ledger import Ledger, Missing

_UNWEIGHTED = 50.0  # s/mm2, up to which a weighting counts as b = 0 and needs no directions
_CALIBRATED_WEIGHTINGS = 2  # unweighted and weighted
_TRACE = 3  # directions of a trace-weighted image


def diffusion(ledger: Ledger) -> float:
    """TR x (volumes + reference volumes + dummies) x packages x shots (formula T6)."""
    repetition = seconds(ledger, "repetition_time")
    count = volumes(ledger) * averages(ledger)
    extra = _diffusion_references(ledger) + _dummies(ledger, repetition)
    return (count + extra) * _volume_time(ledger, repetition) + ledger.overhead("preparation")


def bold(ledger: Ledger) -> float:
    """TR x (time points + reference volumes + dummies)."""
    repetition = seconds(ledger, "repetition_time")
    count = averages(ledger) * float(ledger.get("number_of_temporal_positions", 1))
    ledger.note("volumes", count, "", "number_of_temporal_positions")
    extra = _series_references(ledger) + _dummies(ledger, repetition)
    extra += ledger.overhead("dummy volumes of a time series")
    return (count + extra) * _volume_time(ledger, repetition) + ledger.overhead("preparation")


def spin_labelling(ledger: Ledger) -> float:
    """TR x (2 x pairs x shots + reference): label and control, every shot its own labelling."""
    repetition = seconds(ledger, "repetition_time")
    pairs = int(ledger.need("number_of_temporal_positions"))
    ledger.note("label and control images", 2 * pairs, "", "2 x number_of_temporal_positions")
    shots = ledger.need("number_of_shots") if ledger.scan.mr_acquisition_type == "3D" else 1
    measured = 2 * pairs * ledger.note("shots", shots, "", "number_of_shots")
    reference = ledger.overhead("reference images of ASL")
    return (measured + reference) * repetition + ledger.overhead("preparation")


def volumes(ledger: Ledger) -> int:
    """Diffusion-weighted and unweighted volumes of one average.

    Every b-value is repeated as stated; a weighted one is measured in every direction (three for a trace
    image where no number of directions is stated).
    """
    weightings = ledger.need("b_values")
    repeated = ledger.get("b_value_averages") or (1,) * len(weightings)
    if len(repeated) != len(weightings):
        raise Missing("b_value_averages, one for each of b_values")
    directions = ledger.get("diffusion_directions", _TRACE)
    weighted = [count for b, count in zip(weightings, repeated, strict=True) if b > _UNWEIGHTED]
    shared = len(weighted) > 1 and ledger.habit("directions shared among b-values")
    images = directions * max(weighted) if shared else directions * sum(weighted)
    total = sum(repeated) - sum(weighted) + images
    return round(ledger.note("volumes", total, "", "b-values x averages x directions"))


def _diffusion_references(ledger: Ledger) -> float:
    """Volumes that calibrate a diffusion scan.

    The segments of parallel imaging once; with several slices at a time, for every b-value the slices of a
    band alone, which costs one volume less than there are slices in a band. Source: T6 of the reference
    protocols, which counts acceleration x multiband, and series of one b-value, which take less.
    """
    factor, bands = acceleration(ledger)[0], ledger.get("multiband_factor", 1)
    if (factor <= 1 and bands <= 1) or not ledger.habit("EPI calibration inside the scan"):
        return 0.0
    segments = factor if ledger.habit("a segment for every fold") else 1.0
    weightings = min(len(ledger.get("b_values", ())), _CALIBRATED_WEIGHTINGS)
    value = (segments if factor > 1 else 0.0) + weightings * (bands - 1)
    return ledger.note("reference volumes", value, "", "acceleration + b-values x (multiband - 1)")


def _series_references(ledger: Ledger) -> float:
    """Volumes that calibrate a time series: acceleration x multiband, or the vendor's number."""
    factor, bands = acceleration(ledger)[0], ledger.get("multiband_factor", 1)
    if factor <= 1 and bands <= 1:
        return 0.0
    if ledger.habit("a segment for every fold") and ledger.habit("EPI calibration inside the scan"):
        return ledger.note("reference volumes", factor * bands, "", "acceleration x multiband")
    return ledger.overhead("reference volumes of a time series")


def _dummies(ledger: Ledger, repetition: float) -> float:
    """Volumes without data until the magnetisation is steady."""
    settling = ledger.overhead("settling time of EPI")
    fixed = ledger.overhead("further volumes of EPI")
    count = max(1, round(settling / repetition)) if settling else 0
    return ledger.note("dummy volumes", count, "", "settling time / TR, at least one") + fixed


def _volume_time(ledger: Ledger, repetition: float) -> float:
    """Seconds of one volume: a TR for every package and every shot."""
    packages = ledger.note("packages", ledger.get("concatenations", 1), "", "concatenations")
    return repetition * packages * _shots(ledger)


def _shots(ledger: Ledger) -> int:
    return round(ledger.note("shots", ledger.get("number_of_shots", 1), "", "number_of_shots"))
